use crate::request::{Request, percent_decode};

/// The parameters of a call in AWS's query protocol: from the form in the body, or from the query of a GET.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn of(request: &Request) -> Self {
        let mut pairs = parse(request.query.as_deref().unwrap_or_default());
        if !request.is_read() {
            pairs.extend(parse(&String::from_utf8_lossy(&request.body)));
        }
        Self(pairs)
    }

    /// The first value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(theirs, _)| theirs == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values `PREFIX1SUFFIX`, `PREFIX2SUFFIX` and so on, up to the first that is missing.
    pub(crate) fn list<'a>(&'a self, prefix: &'a str, suffix: &'a str) -> impl Iterator<Item = &'a str> {
        (1..).map_while(move |number| self.get(&format!("{prefix}{number}{suffix}")))
    }
}

fn parse(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((percent_decode(name, true)?, percent_decode(value, true)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded_and_its_lists_are_counted_from_one() {
        let form = Form(parse("Action=A%2Bb&x=1+2&L.1=a&L.2=b&L.4=d&&bad=%zz"));
        assert_eq!(form.get("Action"), Some("A+b"));
        assert_eq!(form.get("x"), Some("1 2"));
        assert_eq!(form.get("bad"), None);
        assert_eq!(form.list("L.", "").collect::<Vec<_>>(), ["a", "b"]);
    }
}
