#[cfg(unix)]
#[test]
fn the_group_is_ours_exactly_where_a_terminal_controls_us() {
    use super::*;
    // The shell asks the system in its own way.
    let has_terminal = std::process::Command::new("sh")
        .args(["-c", ": < /dev/tty"])
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success();
    let expected = if has_terminal { Group::Ours } else { Group::Own };
    assert_eq!(Group::to_choose(), expected);
}
