//! Device identifiers (M): UDI in the GS1 form, and IMEI by its check digit.

use std::sync::LazyLock;

use regex::Regex;
use terms::IdentifierClass;

use super::account::luhn;
use super::{Candidate, Rank};
use crate::view::View;
use crate::wordset::words;

/// Application identifiers of the GS1 General Specifications: (01) device, then (11) (17) (10) (21) production.
static UDI: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\(01\)\s?[0-9]{14}(?:\s?\([0-9]{2,3}\)\s?[A-Za-z0-9./-]{1,20}){0,5}").ok()
});
static IMEI: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b[0-9]{2}[- ]?[0-9]{6}[- ]?[0-9]{6}[- ]?[0-9]\b").ok());

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for cluster in view.clusters.iter().filter(|cluster| cluster.digits >= 15) {
        let rest = view.ahead(cluster.start);
        if let Some(hit) = UDI.as_ref().and_then(|udi| udi.find(rest)) {
            let span = cluster.start..cluster.start + hit.end();
            found.push(Candidate::new(span, IdentifierClass::Device, Rank::Label, 97, "device.udi"));
            continue;
        }
        let text = view.slice(cluster.start..cluster.end);
        for hit in IMEI.iter().flat_map(|imei| imei.find_iter(text)) {
            let span = cluster.start + hit.start()..cluster.start + hit.end();
            let near = view.before(cluster.first, 6, words!("imei device phone handset"));
            if near && luhn(hit.as_str()) && !view.is_cut(&span) {
                found.push(Candidate::new(span, IdentifierClass::Device, Rank::Label, 95, "device.imei"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn devices_are_found() {
        assert_eq!(
            texts("UDI (01)00643169007222(17)251231(21)PJN123456H here", recognize),
            [("(01)00643169007222(17)251231(21)PJN123456H", "DEVICE")]
        );
        assert_eq!(texts("IMEI 490154203237518", recognize), [("490154203237518", "DEVICE")]);
    }

    #[test]
    fn near_misses_stay() {
        assert_eq!(texts("IMEI 490154203237519", recognize), []);
        assert_eq!(texts("(01) 2019", recognize), []);
    }
}
