use tests_support::canary;

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn file_and_folders_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sso/cache/token.json");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    replace(&path, &Secret::new(canary("mode"))).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&folder.path().join("sso")), 0o700);

    // A file that somebody left open to all is not written into.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    replace(&path, &Secret::new(canary("mode"))).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_failure_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.json");
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("so that it is not empty"), "").unwrap();
    assert!(replace(&path, &Secret::new(canary("failure"))).is_err());
    assert_eq!(names(folder.path()), ["token.json"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_replaced_and_what_it_points_to_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (elsewhere, path) = (folder.path().join("elsewhere"), folder.path().join("token.json"));
    std::fs::write(&elsewhere, "untouched").unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    replace(&path, &Secret::from("new")).unwrap();
    assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "untouched");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
}

#[test]
fn a_path_without_a_name_is_an_error() {
    assert_eq!(
        replace(Path::new("/"), &Secret::from("x")).unwrap_err().kind(),
        io::ErrorKind::InvalidInput
    );
}

#[test]
fn names_differ() {
    let drawn: std::collections::BTreeSet<u64> = (0..1000).map(|_| random()).collect();
    assert_eq!(drawn.len(), 1000);
}
