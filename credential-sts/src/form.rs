use std::fmt;

use credential_core::Secret;
use credential_sigv4::percent_encode;

use crate::sent::Sent;

/// The form of one call: `Action`, `Version`, then the parameters in the order in which they were added.
pub(crate) struct Form {
    text: String,
    sent: Sent,
}

impl Form {
    pub(crate) fn new(action: &str) -> Self {
        Self {
            text: format!("Action={}&Version=2011-06-15", percent_encode(action)),
            sent: Sent::default(),
        }
    }

    /// `name=value`; the name is ours, the value is encoded.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.text.push('&');
        self.text.push_str(name);
        self.text.push('=');
        self.text.push_str(&percent_encode(value));
    }

    pub(crate) fn add_some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// One that no refusal may repeat: `what` is said in its place.
    pub(crate) fn add_secret(&mut self, name: &str, what: &'static str, value: Option<&Secret>) {
        if let Some(value) = value {
            self.add(name, value.expose());
            self.sent.add(what, value);
        }
    }

    /// `List.member.1`, `List.member.2`, …; an empty list is not sent at all. `write` gets each member's name.
    pub(crate) fn add_list<T>(&mut self, name: &str, members: &[T], write: impl Fn(&mut Self, &str, &T)) {
        for (index, member) in members.iter().enumerate() {
            write(self, &format!("{name}.member.{}", index + 1), member);
        }
    }

    pub(crate) fn into_parts(self) -> (Vec<u8>, Sent) {
        (self.text.into_bytes(), self.sent)
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may hold a one-time code, an external ID or a token.
        f.write_str("Form(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(form: Form) -> String {
        String::from_utf8(form.into_parts().0).unwrap()
    }

    #[test]
    fn a_form_opens_with_action_and_version() {
        assert_eq!(
            text(Form::new("GetCallerIdentity")),
            "Action=GetCallerIdentity&Version=2011-06-15"
        );
    }

    #[test]
    fn all_but_the_unreserved_letters_are_percent_encoded() {
        let mut form = Form::new("X");
        form.add("Policy", "aZ09-_.~ +/=&%*'()\n\u{e9}\u{1f511}");
        assert_eq!(
            text(form).split_once("&Policy=").unwrap().1,
            "aZ09-_.~%20%2B%2F%3D%26%25%2A%27%28%29%0A%C3%A9%F0%9F%94%91"
        );
    }

    #[test]
    fn lists_count_from_one_and_empty_ones_are_left_out() {
        let mut form = Form::new("X");
        form.add_list("Keys", &["a", "b"], |form, name, key| form.add(name, key));
        form.add_list::<&str>("None", &[], |form, name, key| form.add(name, key));
        assert!(text(form).ends_with("2011-06-15&Keys.member.1=a&Keys.member.2=b"));
    }

    #[test]
    fn debug_shows_nothing_of_a_form() {
        let mut form = Form::new("X");
        form.add("TokenCode", &tests_support::canary("code"));
        assert!(!tests_support::leaks(&format!("{form:?}")));
    }
}
