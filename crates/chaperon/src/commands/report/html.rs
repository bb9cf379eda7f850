//! The report as one page: no script, nothing from elsewhere. Every value is escaped by the template.

use askama::Template;

use super::view::{Block, View};
use crate::failure::Failure;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    view: &'a View,
    actions: bool,
}

/// The whole page.
pub(super) fn write(view: &View) -> Result<String, Failure> {
    let actions = view.points.iter().any(|point| point.act);
    let page = Page { view, actions }.render();
    page.map_err(|_| Failure::failed("the report can't be written"))
}

#[cfg(test)]
mod tests {
    use super::super::view::{Cell, Grid, Point, Section};
    use super::*;

    #[test]
    fn nothing_that_people_wrote_is_markup() {
        let hostile = "<script>alert(1)</script>\"' onload=x & <!-- \u{1b}[2J";
        let mut section = Section::new("x", "X");
        section.say(hostile);
        let mut grid = Grid::new("Table", &["A"]);
        grid.row([Cell::text(hostile)]);
        section.add(grid, "");
        let point = Point { act: true, text: hostile.to_owned(), section: "x" };
        let view = View {
            title: hostile.to_owned(),
            about: vec![("Title", hostile.to_owned())],
            points: vec![point],
            sections: vec![section],
        };
        let page = write(&view).unwrap();
        assert!(!page.contains("<script") && !page.contains("<!-- "), "{page}");
        assert_eq!(page.matches("&#60;script&#62;alert(1)").count(), 6, "each of them is text: {page}");
    }
}
