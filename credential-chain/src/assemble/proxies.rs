use std::cell::{Cell, RefCell};

use credential_core::{Secret, VariableError, Variables};
use credential_http::Proxies;

/// What the environment says about proxies, as it stands there: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProxyVariables(Vec<(String, Secret)>);

impl ProxyVariables {
    /// A variable that cannot be read is an error, and no word for going without a proxy.
    pub(crate) fn read(variables: &Variables) -> Result<Self, VariableError> {
        let unreadable = Cell::new(None);
        let values = RefCell::new(Vec::new());
        // Which variables count, and when, is for the proxies to say.
        let _ = Proxies::from_lookup(|name| match variables.get_raw(name) {
            Ok(value) => {
                if let Some(value) = &value {
                    let value = Secret::from(value.as_str());
                    values.borrow_mut().push((name.to_owned(), value));
                }
                value
            }
            Err(error) => {
                unreadable.set(unreadable.take().or(Some(error)));
                None
            }
        });
        match unreadable.into_inner() {
            Some(error) => Err(error),
            None => Ok(Self(values.into_inner())),
        }
    }

    pub(crate) fn proxies(&self) -> Proxies {
        Proxies::from_lookup(|name| {
            let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
            Some(value.expose().to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use tests_support::{canary, leaks};

    use super::*;

    #[test]
    fn what_was_read_makes_the_same_proxies_and_shows_no_password() {
        let proxy = format!("http://me:{}@proxy.example:3128", canary("proxy"));
        let variables = Variables::from([
            ("HTTPS_PROXY", &*proxy),
            ("http_proxy", ""),
            ("HTTP_PROXY", &proxy),
            ("NO_PROXY", ".internal"),
            ("ALL_PROXY", &proxy),
        ]);
        let read = ProxyVariables::read(&variables).unwrap();
        let direct = Proxies::from_lookup(|name| variables.get_raw(name).unwrap());
        assert_eq!(format!("{:?}", read.proxies()), format!("{direct:?}"));
        assert!(!leaks(&format!("{read:?}")));
        assert_eq!(read, ProxyVariables::read(&variables).unwrap());
        assert_ne!(
            read,
            ProxyVariables::read(&Variables::from([("NO_PROXY", "*")])).unwrap()
        );
    }
}
