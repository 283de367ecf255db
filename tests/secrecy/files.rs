//! Shared files, and the plans made from them.

use credential_chain::Plan;
use credential_chain::profile::{Base, Profiles, Selection, Source as ProfileSource};

use super::*;

#[test]
fn files_and_plans_keep_quiet() {
    let secret = canary("file");
    let config = format!(
        "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nexternal_id = {secret}\nsource_profile = base\n\
         [profile base]\ncredential_process = /opt/tool --password {secret}\n\
         [profile keys]\naws_access_key_id = AKIDCANARY\naws_secret_access_key = {secret}\n\
         aws_session_token = {secret}\ns3 =\n  password = {secret}\n{secret} = {secret}\n"
    );
    let profiles = Profiles::of_texts(&config, "").unwrap();
    keeps_quiet("Profiles", &profiles);
    for profile in profiles.iter() {
        keeps_quiet("Profile", profile);
        let section: &credential_chain::profile::Section = profile;
        keeps_quiet("Section", section);
        for (_, property) in profile.properties() {
            keeps_quiet("Property", property);
            for child in property.children() {
                keeps_quiet("SubProperty", child);
            }
        }
        let source = ProfileSource::of(&profiles, profile).unwrap();
        keeps_quiet("Source", &source);
        let plan = Plan::of(&profiles, profile.name(), &[]).unwrap();
        keeps_quiet("Plan", &plan);
        assert!(!leaks(&plan.to_string()), "{plan}");
        let base: &Base = plan.base();
        keeps_quiet("Base", base);
        match base {
            Base::StaticKeys(keys) => keeps_quiet("StaticKeys", keys),
            Base::Process(command) => keeps_quiet("ProcessCommand", command),
            other => panic!("{other:?} is in no profile here"),
        }
        for hop in plan.hops() {
            keeps_quiet("RoleHop", hop);
        }
    }
    let settings =
        credential_chain::profile::Settings::new(profiles, &Selection::new().with_profile("keys")).unwrap();
    keeps_quiet("Settings", &settings);
    keeps_quiet("Setting", &settings.profile_value("aws_secret_access_key"));
}
