use super::row::Row;
use crate::files::Files;

/// As wide as a table gets where it can.
const WIDTH: usize = 100;
/// No role's name is cut shorter.
const NARROWEST_ROLE: usize = 12;
const HEADS: [&str; 6] = ["PROFILE", "KIND", "ACCOUNT", "ROLE", "REGION", "DEFINED IN"];
const ROLE: usize = 3;
const GAP: &str = "  ";

/// The list for people: a line for each profile, and what is wrong with it below.
pub(super) fn table(rows: &[Row<'_>], others: &[String], files: &Files, terminal: bool) -> String {
    let cells: Vec<[String; 6]> = rows.iter().map(|row| cells(row, files)).collect();
    let widths = widths(&cells);
    let mut text = String::new();
    if !rows.is_empty() {
        let head = line(&HEADS.map(str::to_owned), &widths);
        text = if terminal {
            format!("\x1b[1m{}\x1b[0m\n", head.trim_end())
        } else {
            head + "\n"
        };
    }
    for (row, cells) in rows.iter().zip(&cells) {
        text += &line(cells, &widths);
        text.push('\n');
        if let Some(error) = &row.error {
            text += &remark("error", &files.shorten(error));
        }
        for problem in &row.problems {
            text += &remark("note", &files.problem(problem));
        }
    }
    if !rows.is_empty() {
        text += &format!(
            "\nconfig is {}, credentials is {}\n",
            files.config(),
            files.credentials()
        );
    }
    for other in others {
        text += &remark("note", other);
    }
    text
}

fn cells(row: &Row<'_>, files: &Files) -> [String; 6] {
    let or_dash = |value: Option<&str>| value.unwrap_or("-").to_owned();
    let mut defined: Vec<String> = Vec::new();
    for position in row.defined {
        let position = files.brief(position);
        // A section that comes again in a file is told once.
        let file = |place: &str| place.rsplit_once(':').map(|(file, _)| file.to_owned());
        if defined.iter().all(|other| file(other) != file(&position)) {
            defined.push(position);
        }
    }
    [
        row.name.to_owned(),
        row.kind.to_owned(),
        or_dash(row.account),
        or_dash(row.role),
        or_dash(row.region),
        defined.join(" "),
    ]
}

/// Each column's width; the roles give way when the whole is too wide.
fn widths(cells: &[[String; 6]]) -> [usize; 6] {
    let mut widths = HEADS.map(str::len);
    for row in cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let whole: usize = widths.iter().sum::<usize>() + GAP.len() * (widths.len() - 1);
    if let Some(too_much) = whole.checked_sub(WIDTH)
        && let Some(role) = widths.get_mut(ROLE)
    {
        *role = (*role).min(role.saturating_sub(too_much).max(NARROWEST_ROLE));
    }
    widths
}

fn line(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let mut line = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        if index > 0 {
            line.push_str(GAP);
        }
        let cell = cut(cell, *width);
        line.push_str(&cell);
        line.extend(std::iter::repeat_n(
            ' ',
            width.saturating_sub(cell.chars().count()),
        ));
    }
    line.truncate(line.trim_end().len());
    line
}

/// A sentence below the table's lines, in as many lines as it needs, but no more than three.
fn remark(what: &str, sentence: &str) -> String {
    const LINES: usize = 3;
    let start = format!("  {what}: ");
    let indent = " ".repeat(start.len());
    let mut lines = vec![start];
    for word in sentence.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let has_room = line.chars().count() + 1 + word.chars().count() <= WIDTH;
        if line.ends_with(' ') {
            line.push_str(word);
        } else if has_room {
            *line += &format!(" {word}");
        } else {
            lines.push(format!("{indent}{word}"));
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    lines.join("\n") + "\n"
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_broken_between_words_and_cut_after_three_lines() {
        assert_eq!(remark("note", "short"), "  note: short\n");
        let long = "word ".repeat(25);
        let text = remark("error", long.trim_end());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[1].starts_with("         word"), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{text}");
        let text = remark("error", &"word ".repeat(100));
        assert!(text.lines().count() == 3 && text.ends_with("word …\n"), "{text}");
    }

    #[test]
    fn only_the_roles_give_way_to_fit_the_width() {
        let row = |role: usize| {
            let cells = [
                "p".repeat(20),
                "web identity".into(),
                "1".repeat(12),
                "r".repeat(role),
            ];
            let [name, kind, account, role] = cells;
            [[
                name,
                kind,
                account,
                role,
                "eu-central-1".into(),
                "config:123 credentials:12".into(),
            ]]
        };
        for (role, expected) in [(4, 4), (9, 9), (40, 12)] {
            assert_eq!(widths(&row(role))[ROLE], expected, "{role}");
        }
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("ähnlich", 7), "ähnlich");
    }
}
