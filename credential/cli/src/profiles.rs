use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::sync::Arc;

use credential_chain::Variables;
use credential_chain::profile::{Problem, Profiles};

use crate::commands::{self, in_runtime};
use crate::error::Error;
use crate::files::{self, Files};
use crate::plan::selection;

mod json;
mod row;
mod table;

use row::Row;
use table::Page;

/// Prints all profiles of both files.
pub(crate) fn profiles(json: bool, variables: &Variables) -> Result<(), Error> {
    let locations = selection(None, variables).locations()?;
    let files = Files::of(&locations, variables);
    let profiles =
        in_runtime(Profiles::load(&locations))?.map_err(|error| files.shorten_error(&error.into()))?;
    let profiles = Arc::new(profiles);
    let (mut problems, others) = problems(&profiles, &files);
    let rows: Vec<Row> = profiles
        .iter()
        .map(|profile| {
            Row::of(
                &profiles,
                profile,
                problems.remove(profile.name()).unwrap_or_default(),
            )
        })
        .collect();
    if json {
        for problem in others {
            crate::complain(&problem);
        }
        return commands::print(&json::list(&rows));
    }
    if rows.is_empty() {
        crate::complain(&format!("no profiles in {}", profiles.searched().locations()));
    }
    let terminal = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    let page = Page {
        width: table::width(variables, terminal),
        bold: io::stdout().is_terminal(),
    };
    commands::print(&table::table(&rows, &others, &files, page))
}

/// What is wrong in the files: profile by profile, and what belongs to none of them.
fn problems<'a>(profiles: &'a Profiles, files: &Files) -> (BTreeMap<&'a str, Vec<Problem>>, Vec<String>) {
    let mut of_profiles: BTreeMap<&str, Vec<Problem>> = BTreeMap::new();
    let mut others = Vec::new();
    for problem in profiles.problems() {
        match files::profile_of(problem).filter(|name| profiles.get(name).is_some()) {
            Some(name) => of_profiles.entry(name).or_default().push(problem.clone()),
            None => others.push(files.problem(problem)),
        }
    }
    let unread = profiles.searched().unread().iter();
    others.extend(unread.map(|unread| files.shorten(&unread.to_string())));
    (of_profiles, others)
}
