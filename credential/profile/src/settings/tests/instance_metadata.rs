//! What is said about instance metadata.

use super::*;

#[test]
fn what_is_said_about_instance_metadata_comes_with_its_origin() {
    let config = "[default]\nec2_metadata_service_endpoint = http://x\nec2_metadata_v1_disabled =\nregion = x\n\
                  metadata_service_timeout = 2\nec2_instance_profile_name =\ndisable_ec2_metadata = true\n\
                  [profile other]\nec2_metadata_service_endpoint = http://y";
    let settings = settings(&[], config);
    let told: Vec<String> = settings
        .instance_metadata()
        .map(|(key, setting)| format!("{key}={} {}", setting.value(), setting.origin()))
        .collect();
    assert_eq!(
        told,
        [
            "disable_ec2_metadata=true disable_ec2_metadata in config:7",
            "ec2_instance_profile_name= ec2_instance_profile_name in config:6",
            "ec2_metadata_service_endpoint=http://x ec2_metadata_service_endpoint in config:2",
            "metadata_service_timeout=2 metadata_service_timeout in config:5",
        ]
    );
    assert_eq!(settings.profile_value("REGION").unwrap().value(), "x");
    assert_eq!(settings.profile_value("ec2_metadata_v1_disabled"), None);
}
