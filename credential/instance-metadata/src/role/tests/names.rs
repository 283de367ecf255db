//! Names that are fit to be asked for.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_name_without_fault_leads_nowhere_else(name in ".{0,70}") {
        if fault_in(&name).is_none() {
            prop_assert!(!name.is_empty() && !name.contains(['/', '?', '#', '%', '\\', ' ']));
            prop_assert!(name != "." && name != "..");
        }
    }
}
