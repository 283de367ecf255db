//! A bit of EC2: the example machine, its spot request and its Region. Nothing here changes anything.

pub(crate) mod instances;
pub(crate) mod regions;
pub(crate) mod spot_requests;

use crate::query::{ApiError, Call};

/// A filter as a call has it: any of its values will do.
struct Filter<'a> {
    name: &'a str,
    values: Vec<&'a str>,
}

impl Filter<'_> {
    /// Whether a thing fits that has these values, by the names of filters. What has no value, as a tag, never does.
    fn fits(&self, thing: &[(&str, &str)]) -> bool {
        thing
            .iter()
            .any(|(name, value)| *name == self.name && self.values.contains(value))
    }
}

/// The filters of a call: for these names, and for tags, which nothing has.
fn filters<'a>(call: &'a Call<'_>, known: &[(&str, &str)]) -> Result<Vec<Filter<'a>>, ApiError> {
    let mut filters = Vec::new();
    for (number, name) in (1..).zip(call.form.list("Filter.", ".Name")) {
        let is_known = known.iter().any(|(theirs, _)| *theirs == name);
        if !is_known && name != "tag-key" && !name.starts_with("tag:") {
            return Err(invalid(format!("The filter '{name}' is invalid")));
        }
        let values = (1..)
            .map_while(|value| call.form.get(&format!("Filter.{number}.Value.{value}")))
            .collect();
        filters.push(Filter { name, values });
    }
    Ok(filters)
}

fn check_paging(call: &Call<'_>) -> Result<(), ApiError> {
    if let Some(text) = call.form.get("MaxResults")
        && !text.parse::<u32>().is_ok_and(|count| (5..=1000).contains(&count))
    {
        let message = "Value for parameter maxResults is invalid. Expecting a value between 5 and 1000.";
        return Err(invalid(message));
    }
    if call.form.get("NextToken").is_some_and(|token| !token.is_empty()) {
        // What there is never fills a page, so no token was ever handed out.
        return Err(invalid("The token is invalid."));
    }
    Ok(())
}

/// A call that only wants to know whether it would be let through.
fn check_dry_run(call: &Call<'_>) -> Result<(), ApiError> {
    if call.form.get("DryRun") == Some("true") {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Err(ApiError::new(412, "DryRunOperation", message));
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterValue", message)
}

/// The answer to an action: one set of items.
fn envelope(call: &Call<'_>, action: &str, set: &str, items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n    \
         <requestId>{}</requestId>\n    <{set}>{items}</{set}>\n</{action}Response>",
        call.request_id
    )
}
