//! report: one view of a period, written as text, as a page, or as JSON.

mod html;
mod record;
mod sections;
mod summary;
mod text;
mod unproven;
mod view;

use serde::Serialize;
use terms::{Clock as _, UtcMillis};

use super::file;
use crate::Ended;
use crate::cli::{DAY, Report, ReportFormat, Week};
use crate::config::Config;
use crate::failure::Failure;
use crate::house::{Desk, Opening, SystemClock};
use crate::operations::{Answer, Figures, Operation};
use crate::output::{Output, safe};
use record::State;

/// All that a report is written from.
#[derive(Serialize)]
struct Facts {
    period: Period,
    figures: Figures,
    record: State,
}

/// What a report is about.
#[derive(Serialize)]
struct Period {
    /// `2026-W47`, or `2026-11-01 to 2026-11-30`.
    name: String,
    /// First day.
    from: String,
    /// Last day.
    to: String,
    /// Whether it was over when the report was made.
    over: bool,
    #[serde(skip)]
    begins: UtcMillis,
    #[serde(skip)]
    ends: UtcMillis,
}

pub(super) fn run(config: &Config, report: &Report, out: &mut Output) -> Ended {
    let period = period(report, SystemClock.now())?;
    let operation =
        Operation::Report { engagement: report.engagement.clone(), from: period.begins, to: period.ends };
    let answer = Desk::with(config, Opening::Existing, |desk| desk.ask(operation))?;
    let Answer::Report(figures) = answer else {
        return Err(Failure::failed("the answer is not the one that was asked for"));
    };
    let facts = Facts { period, figures: *figures, record: State::of(&config.data_dir) };
    let written = if out.is_json() {
        serde_json::to_string_pretty(&facts).map_err(|_| Failure::failed("the report can't be written"))?
            + "\n"
    } else {
        let view = view::View::of(&facts);
        match format(report) {
            ReportFormat::Text => text::write(&view),
            ReportFormat::Html => html::write(&view)?,
        }
    };
    match &report.out {
        None => written.lines().try_for_each(|line| out.line(line))?,
        Some(path) => {
            file::write(path, written.as_bytes())?;
            if !out.is_json() {
                out.line(&format!("written: {}", safe(&path.display().to_string())))?;
            }
        }
    }
    Ok(facts.record.exit())
}

fn format(report: &Report) -> ReportFormat {
    let named = report.out.as_ref().and_then(|path| path.extension());
    let page = named.is_some_and(|extension| extension == "html" || extension == "htm");
    report.format.unwrap_or(if page { ReportFormat::Html } else { ReportFormat::Text })
}

fn period(report: &Report, now: UtcMillis) -> Result<Period, Failure> {
    let (begins, ends, week) = match (report.from, report.to) {
        (Some(from), Some(to)) if from <= to => (from, UtcMillis(to.0 + DAY), None),
        (Some(_), Some(_)) => return Err(Failure::usage("`--to` is before `--from`")),
        _ => {
            let week = report.week.unwrap_or_else(|| Week::last_full(now));
            (week.begins(), week.ends(), Some(week))
        }
    };
    if begins > now {
        return Err(Failure::usage("the period has not begun yet"));
    }
    let (from, to) = (day(begins), day(UtcMillis(ends.0 - 1)));
    let name = week.map_or_else(|| format!("{from} to {to}"), |week| week.to_string());
    Ok(Period { name, from, to, over: ends <= now, begins, ends })
}

/// The date of a point in time.
fn day(at: UtcMillis) -> String {
    date(&at.to_string()).to_owned()
}

/// The date of a time as text has it.
fn date(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(from: Option<&str>, to: Option<&str>) -> Report {
        let read = |text: &str| UtcMillis::parse(text).unwrap();
        let (from, to) = (from.map(read), to.map(read));
        Report { engagement: None, week: None, from, to, format: None, out: None }
    }

    #[test]
    fn a_period_is_whole_days_with_the_last() {
        let now = UtcMillis::parse("2026-11-22T08:00:00Z").unwrap();
        let last = period(&asked(None, None), now).unwrap();
        assert_eq!(
            (last.name.as_str(), last.from.as_str(), last.to.as_str()),
            ("2026-W46", "2026-11-09", "2026-11-15")
        );
        assert!(last.over);
        let two = period(&asked(Some("2026-11-21"), Some("2026-11-22")), now).unwrap();
        assert_eq!(two.ends.0 - two.begins.0, 2 * DAY);
        assert_eq!((two.name.as_str(), two.over), ("2026-11-21 to 2026-11-22", false));
        assert!(period(&asked(Some("2026-11-22"), Some("2026-11-21")), now).is_err());
        assert!(period(&asked(Some("2026-11-23"), Some("2026-11-24")), now).is_err());
    }

    #[test]
    fn a_file_named_as_a_page_is_one() {
        let to = |name: &str| Report { out: Some(name.into()), ..asked(None, None) };
        assert_eq!(format(&to("a.html")), ReportFormat::Html);
        assert_eq!(format(&to("a.txt")), ReportFormat::Text);
        assert_eq!(format(&Report { format: Some(ReportFormat::Text), ..to("a.html") }), ReportFormat::Text);
    }
}
