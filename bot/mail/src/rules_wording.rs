//! What the wording as a whole says, beside the phrases that the other rules look for.

use crate::facts::Facts;
use crate::rules::{Group, Reasons, q};

/// Log-odds beyond which nothing more is believed, on either side: the model was checked on texts of its own kind only.
/// One unit of log-odds is one point.
const MOST: (f64, f64) = (-3.0, 4.0);
/// Log-odds below which nothing is said.
const LEAST: f64 = 0.25;

/// Weight of a sign that is more than a hint.
const STRANGE: f64 = 0.8;
/// Most that ordinary words say beside two of them.
const LITTLE: f64 = -0.5;
/// Characters below which a picture says more than the words, as for the rule about pictures alone.
const FEW: usize = 200;

fn pictured(f: &Facts<'_>) -> bool {
    f.files.iter().any(|x| x.image) || (!f.images.is_empty() && f.targets().next().is_some())
}

/// Runs it.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    let Some((wording, place)) = &f.wording else { return };
    // A line beside a picture cannot speak for what the picture says.
    if wording.sum < 0.0 && f.length < FEW && pictured(f) {
        return;
    }
    // Words that sound ordinary do not explain two strange things about sender or links.
    let strange =
        r.0.iter().filter(|x| matches!(x.group, Group::Identity | Group::Link) && x.weight >= STRANGE).count();
    let least = if strange >= 2 { LITTLE } else { MOST.0 };
    let sum = f64::from(wording.sum).clamp(least, MOST.1);
    if sum.abs() < LEAST {
        return;
    }
    let quote = &wording.quote;
    if sum > 0.0 {
        let text = format!("The wording as a whole is that of dangerous mails, most of all {}.", q(quote));
        r.add("wording_dangerous", Group::Wording, sum, place.clone(), text);
    } else {
        let text = format!("The wording as a whole is that of ordinary mail, most of all {}.", q(quote));
        r.add("wording_ordinary", Group::For, sum, place.clone(), text);
    }
}
