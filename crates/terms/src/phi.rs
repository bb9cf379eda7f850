//! A value that is, or may be, protected health information.

/// Holds protected health information (45 CFR 160.103).
///
/// It has no `Display`, `Debug` or `Serialize`, so that its value can't reach an error, a log, a metric or a
/// panic message by accident. To read it one has to say so: [`Phi::expose`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Marks a value as PHI.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Reads the value. Each call is a place that a reviewer looks at.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Gives the value up.
    pub fn into_exposed(self) -> T {
        self.0
    }
}
