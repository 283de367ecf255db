use std::io::{self, IsTerminal};

use credential_chain::Variables;
use credential_chain::profile::Profiles;

use crate::commands::{self, in_runtime};
use crate::error::Error;
use crate::files::{self, Files};
use crate::plan::selection;

mod json;
mod row;
mod table;

use row::Row;

/// Prints all profiles of both files.
pub(crate) fn profiles(json: bool, variables: &Variables) -> Result<(), Error> {
    let locations = selection(None, variables).locations()?;
    let profiles = in_runtime(Profiles::load(&locations))??;
    let files = Files::searched(&profiles, variables);
    let rows: Vec<Row> = profiles
        .iter()
        .map(|profile| Row::of(&profiles, profile))
        .collect();
    let others = others(&profiles, &files);
    if json {
        for problem in others {
            crate::complain(&problem);
        }
        return commands::print(&json::list(&rows));
    }
    if rows.is_empty() {
        crate::complain(&format!("no profiles in {}", profiles.searched().locations()));
    }
    commands::print(&table::table(&rows, &others, &files, io::stdout().is_terminal()))
}

/// What is wrong in the files and belongs to none of the profiles.
fn others(profiles: &Profiles, files: &Files) -> Vec<String> {
    let problems = profiles
        .problems()
        .iter()
        .filter(|problem| files::profile_of(problem).is_none_or(|name| profiles.get(name).is_none()));
    let unread = profiles.searched().unread().iter();
    problems
        .map(|problem| files.problem(problem))
        .chain(unread.map(|unread| files.shorten(&unread.to_string())))
        .collect()
}
