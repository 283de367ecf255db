/// Text as it can stand in an element. What XML cannot hold at all becomes `?`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            '\r' => escaped.push_str("&#13;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => escaped.push('?'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// `<name>text</name>`, with the text escaped.
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// An element only where there is something to put in it.
pub(crate) fn optional(name: &str, text: Option<&str>) -> String {
    text.map(|text| element(name, text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_markup_is_escaped() {
        assert_eq!(
            element("a", "<b> & \"c\"\u{0}"),
            "<a>&lt;b&gt; &amp; &quot;c&quot;?</a>"
        );
        assert_eq!(optional("a", None), "");
    }

    proptest::proptest! {
        #[test]
        fn any_text_stays_inside_its_element(text: String) {
            let escaped = escape(&text);
            let breaks_out = escaped.contains(['<', '>', '"', '\u{0}', '\u{1f}']);
            proptest::prop_assert!(!breaks_out, "{escaped}");
        }
    }
}
