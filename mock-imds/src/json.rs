use serde_json::Value;

/// A document of text members as instance metadata lays it out: two blanks in front, ` : ` between name and value.
pub(crate) fn document(members: &[(&str, &str)]) -> String {
    object(
        members
            .iter()
            .map(|(name, text)| (*name, Value::from(*text).to_string())),
    )
}

/// The same for values that are JSON already.
pub(crate) fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let lines: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("  {} : {value}", Value::from(name)))
        .collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_document_is_laid_out_as_the_service_does_it() {
        assert_eq!(
            super::document(&[("Code", "Success"), ("Message", "say \"no\"")]),
            "{\n  \"Code\" : \"Success\",\n  \"Message\" : \"say \\\"no\\\"\"\n}"
        );
    }
}
