use crate::{Position, Property};

/// Where something stands. It makes no difference to what it is: a line more above it changes no plan.
#[derive(Clone, Debug)]
pub(crate) struct Place(Position);

impl Place {
    pub(super) fn of(property: &Property) -> Self {
        Self(property.position().clone())
    }

    pub(super) fn position(&self) -> &Position {
        &self.0
    }
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}
