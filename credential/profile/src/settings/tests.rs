use super::*;

mod endpoint;
mod instance_metadata;
mod plain_http;
mod region;
mod selection;
mod words;

type Given<'a> = &'a [(&'a str, &'a str)];

fn settings(variables: Given<'_>, config: &str) -> Settings {
    let selection = Selection::new().with_variables(variables.iter().copied().collect());
    Settings::new(Profiles::of_texts(config, "").unwrap(), &selection).unwrap()
}

/// A value with its origin, or the error.
fn told<T: std::fmt::Debug>(setting: Result<Option<Setting<T>>, Error>) -> String {
    match setting {
        Ok(Some(setting)) => format!("{:?} of {}", setting.value(), setting.origin()),
        Ok(None) => "none".to_owned(),
        Err(error) => error.to_string(),
    }
}
