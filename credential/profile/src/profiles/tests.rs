use super::*;

mod against_ini;
mod grammar;
mod merged;
mod problems;
mod properties;
mod texts;

type Shown = Vec<(String, Vec<(String, String)>)>;
type Expected<'a> = &'a [(&'a str, &'a [(&'a str, &'a str)])];

/// Every profile with its properties.
fn shown(profiles: &Profiles) -> Shown {
    let of_one = |profile: &Profile| {
        let properties = profile
            .properties()
            .map(|(key, property)| (key.to_owned(), property.value().to_owned()))
            .collect();
        (profile.name().to_owned(), properties)
    };
    profiles.iter().map(of_one).collect()
}

fn expected(profiles: Expected<'_>) -> Shown {
    profiles
        .iter()
        .map(|(name, properties)| {
            let owned = properties
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect();
            ((*name).to_owned(), owned)
        })
        .collect()
}
