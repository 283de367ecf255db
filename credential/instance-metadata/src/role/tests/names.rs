//! Names that are fit to be asked for.

use proptest::prelude::*;

use super::*;

proptest! {
    /// Letters, digits and the signs of a name; now and then a sign that means something in a URL or in a request.
    #[test]
    fn a_name_has_no_fault_where_it_leads_nowhere_else(
        name in r"\.{0,3}|[A-Za-z0-9_+=,.@-]{1,12}|[a-c.=@/?#%:&;\\ \r\n\tä]{1,4}",
    ) {
        let steers = |sign: char| "/?#%:&;\\ \r\n\tä".contains(sign);
        let leads_elsewhere = ["", ".", ".."].contains(&&*name) || name.contains(steers);
        prop_assert_eq!(fault_in(&name).is_some(), leads_elsewhere, "{:?}", name);
    }
}
