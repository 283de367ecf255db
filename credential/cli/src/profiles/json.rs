use std::fmt::Write as _;

use super::row::{Row, SETTINGS};
use crate::format::quote_json;

/// The list for programs: an object for each profile, sorted by name.
pub(super) fn list(rows: &[Row<'_>]) -> String {
    let objects: Vec<String> = rows.iter().map(object).collect();
    if objects.is_empty() {
        return "[]\n".to_owned();
    }
    format!("[\n{}\n]\n", objects.join(",\n"))
}

fn object(row: &Row<'_>) -> String {
    let defined = row.defined.iter().map(|position| {
        let file = position.path().display().to_string();
        format!(
            "{{\"file\": {}, \"line\": {}}}",
            quote_json(&file),
            position.line()
        )
    });
    let problems = row.problems.iter().map(ToString::to_string);
    let problems = problems.chain(row.remarks.iter().cloned());
    let problems = problems.map(|problem| quote_json(&problem));
    let works = row.errors.is_empty() && row.kind != SETTINGS;
    let members = [
        ("name", quote_json(row.name)),
        ("kind", quote_json(row.kind)),
        ("gives_credentials", works.to_string()),
        ("account_id", or_null(row.account)),
        ("role_name", or_null(row.role)),
        ("role_arn", or_null(row.role_arn)),
        ("region", or_null(row.region)),
        (
            "source_profiles",
            array(row.sources.iter().map(|name| quote_json(name))),
        ),
        (
            "mfa_serials",
            array(row.mfa_serials.iter().map(|serial| quote_json(serial))),
        ),
        ("defined", array(defined)),
        ("errors", array(row.errors.iter().map(|error| quote_json(error)))),
        ("problems", array(problems)),
    ];
    let mut text = String::from("  {");
    for (index, (name, value)) in members.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n    \"{name}\": {value}");
    }
    text + "\n  }"
}

fn or_null(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), quote_json)
}

fn array(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(", "))
}
