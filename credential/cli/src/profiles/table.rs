use credential_chain::Variables;

use super::row::Row;
use crate::files::Files;

/// As wide as a table gets where there is no terminal, as in a pipe.
const WIDTH: usize = 100;
/// No role's name is cut shorter.
const NARROWEST_ROLE: usize = 12;
const HEADS: [&str; 6] = ["PROFILE", "KIND", "ACCOUNT", "ROLE", "REGION", "DEFINED IN"];
const NAME: usize = 0;
const ROLE: usize = 3;
const GAP: &str = "  ";
const INDENT: &str = "  ";

/// Where the table is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) width: usize,
    /// Whether the head can be set in bold.
    pub(super) bold: bool,
}

/// As `COLUMNS` says, where a shell exports it; else as wide as the terminal.
pub(super) fn width(variables: &Variables, terminal: Option<usize>) -> usize {
    let columns = variables.get("COLUMNS").ok().flatten();
    let columns = columns.and_then(|text| text.trim().parse().ok());
    let known = [columns, terminal]
        .into_iter()
        .flatten()
        .find(|columns| *columns > 0);
    known.unwrap_or(WIDTH)
}

/// The list for people: a line for each profile, and what is wrong with it below.
pub(super) fn table(rows: &[Row<'_>], others: &[String], files: &Files, page: Page) -> String {
    let cells: Vec<[String; 6]> = rows.iter().map(|row| cells(row, files)).collect();
    let widths = widths(&cells, page.width);
    let mut text = String::new();
    if let Some(widths) = widths.filter(|_| !rows.is_empty()) {
        let head = line(&HEADS.map(str::to_owned), &widths);
        text = if page.bold {
            format!("\x1b[1m{head}\x1b[0m\n")
        } else {
            head + "\n"
        };
    }
    for (row, cells) in rows.iter().zip(&cells) {
        text += &match widths {
            Some(widths) => entry(cells, &widths),
            None => block(cells, page.width),
        };
        for error in &row.errors {
            text += &remark("error", &files.shorten(error), page.width);
        }
        for problem in &row.problems {
            text += &remark("note", &files.problem(problem), page.width);
        }
        for told in &row.remarks {
            text += &remark("note", &files.shorten(told), page.width);
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
        text += &remark("note", other, page.width);
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

/// Each column's width. The roles give way when the whole is too wide, and then the names; `None` when even so there is
/// no room for columns.
fn widths(cells: &[[String; 6]], page: usize) -> Option<[usize; 6]> {
    let mut widths = HEADS.map(str::len);
    for row in cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let narrowest = [(ROLE, NARROWEST_ROLE), (NAME, HEADS[NAME].len())];
    for (column, narrowest) in narrowest {
        let whole = widths.iter().sum::<usize>() + GAP.len() * (widths.len() - 1);
        let too_much = whole.saturating_sub(page);
        if let Some(width) = widths.get_mut(column) {
            *width = (*width).min(width.saturating_sub(too_much).max(narrowest));
        }
    }
    // Names that have no room in their column need none.
    let names = cells.iter().map(|[name, ..]| name.chars().count());
    let fitting = names.filter(|name| *name <= widths[NAME]).max();
    widths[NAME] = fitting.unwrap_or_default().max(HEADS[NAME].len());
    let whole = widths.iter().sum::<usize>() + GAP.len() * (widths.len() - 1);
    (whole <= page).then_some(widths)
}

/// A row: one line, or the name on a line of its own where it is too long for its column.
fn entry(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let [name, others @ ..] = cells;
    if name.chars().count() <= widths[NAME] {
        return line(cells, widths) + "\n";
    }
    let [kind, account, role, region, defined] = others.clone();
    let below = [String::new(), kind, account, role, region, defined];
    format!("{name}\n{}\n", line(&below, widths))
}

/// A row where there is no room for columns: the name, and below it what there is to say.
fn block(cells: &[String; 6], page: usize) -> String {
    let [name, others @ ..] = cells;
    let known = others.iter().filter(|cell| *cell != "-");
    format!(
        "{name}\n{}\n",
        wrapped(INDENT, known.map(String::as_str), GAP, page)
    )
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

/// A sentence below the table's lines, in as many lines as it needs: whoever has to mend something reads all of it.
fn remark(what: &str, sentence: &str, page: usize) -> String {
    wrapped(&format!("{INDENT}{what}: "), sentence.split(' '), " ", page) + "\n"
}

/// The parts in lines that all begin where the first does. A part that is wider than the page stays whole.
fn wrapped<'a>(start: &str, parts: impl Iterator<Item = &'a str>, gap: &str, page: usize) -> String {
    let indent = start.chars().count();
    let (mut text, mut width) = (start.to_owned(), indent);
    for (index, part) in parts.enumerate() {
        let wider = width + gap.len() + part.chars().count();
        if index == 0 {
            width += part.chars().count();
        } else if wider <= page {
            text.push_str(gap);
            width = wider;
        } else {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            width = indent + part.chars().count();
        }
        text.push_str(part);
    }
    text
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
    fn a_long_sentence_is_broken_between_words_and_never_cut() {
        assert_eq!(remark("note", "short", WIDTH), "  note: short\n");
        for (words, page, lines) in [(25, WIDTH, 2), (100, WIDTH, 6), (25, 40, 5), (3, 5, 3)] {
            let text = remark("error", "word ".repeat(words).trim_end(), page);
            assert_eq!(text.lines().count(), lines, "{text}");
            assert_eq!(text.matches("word").count(), words, "{text}");
            assert!(
                text.lines().skip(1).all(|line| line.starts_with("         word")),
                "{text}"
            );
            let fits = |line: &str| line.chars().count() <= page.max("  error: word".len());
            assert!(text.lines().all(fits), "{text}");
        }
    }

    fn row(name: usize, role: usize) -> [[String; 6]; 1] {
        [[
            "p".repeat(name),
            "web identity".into(),
            "1".repeat(12),
            "r".repeat(role),
            "eu-central-1".into(),
            "config:123 credentials:12".into(),
        ]]
    }

    #[test]
    fn the_roles_give_way_to_fit_the_width_and_then_the_names() {
        for (page, (name, role), expected) in [
            (100, (20, 4), Some((20, 4))),
            (100, (17, 9), Some((17, 9))),
            (100, (9, 40), Some((9, 20))),
            (100, (40, 40), Some((7, 12))),
            (200, (40, 40), Some((40, 40))),
            (90, (7, 40), Some((7, 12))),
            (89, (7, 40), None),
            (20, (7, 4), None),
        ] {
            let widths = widths(&row(name, role), page);
            assert_eq!(
                widths.map(|widths| (widths[NAME], widths[ROLE])),
                expected,
                "{page} {name} {role}"
            );
        }
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("ähnlich", 7), "ähnlich");
    }

    #[test]
    fn a_name_that_does_not_fit_has_a_line_of_its_own() {
        let [cells] = row(30, 3);
        let widths = widths(std::slice::from_ref(&cells), 95).unwrap();
        let text = entry(&cells, &widths);
        let [name, others] = text.lines().collect::<Vec<_>>()[..] else {
            panic!("{text}");
        };
        assert_eq!(name, cells[NAME]);
        assert!(others.starts_with("        ") && others.len() <= 95, "{text}");
        assert_eq!(
            block(&cells, 40),
            format!(
                "{}\n  web identity  111111111111  rrr\n  eu-central-1\n  config:123 credentials:12\n",
                cells[NAME]
            )
        );
    }

    #[test]
    fn the_width_is_the_variables_if_it_is_a_number_else_the_terminals() {
        for (columns, terminal, expected) in [
            (None, None, WIDTH),
            (None, Some(64), 64),
            (None, Some(0), WIDTH),
            (Some("72"), None, 72),
            (Some("72"), Some(64), 72),
            (Some(" 200 "), None, 200),
            (Some("0"), None, WIDTH),
            (Some("-1"), Some(64), 64),
            (Some("wide"), None, WIDTH),
        ] {
            let variables = Variables::from_iter(columns.map(|columns| ("COLUMNS", columns)));
            assert_eq!(width(&variables, terminal), expected, "{columns:?} {terminal:?}");
        }
    }
}
