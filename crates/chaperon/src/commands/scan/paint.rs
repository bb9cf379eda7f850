//! Colours of classes: those that are alike share one.

use anstyle::{AnsiColor, Style};
use terms::IdentifierClass as Class;

/// The colour of a class.
pub(super) const fn style(class: Class) -> Style {
    let colour = match class {
        Class::Name => AnsiColor::Magenta,
        Class::Date | Class::AgeOver89 => AnsiColor::Yellow,
        Class::Location => AnsiColor::Green,
        Class::Phone | Class::Fax | Class::Email | Class::Url | Class::Ip => AnsiColor::Cyan,
        _ => AnsiColor::Red,
    };
    colour.on_default().bold()
}

/// The colour of a class by its label; none for what is no class.
pub(super) fn of(label: &str) -> Style {
    label.parse().map_or_else(|_| Style::new(), style)
}
