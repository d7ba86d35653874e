//! Rules about attached files.

use crate::facts::Facts;
use crate::rules::{Group::File, Reasons};
use crate::words::Topic;

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    for file in &f.files {
        for s in &file.signs {
            r.add(s.code, File, s.weight, file.place.clone(), s.text.clone());
        }
        if file.locked {
            if let Some(p) = f.topic(Topic::ArchivePassword) {
                let text = "The attached archive is locked and the mail gives its password, so that no scanner can look inside.";
                r.add("locked_archive_password", File, 3.2, p.place.clone(), text);
            } else {
                r.add(
                    "locked_archive",
                    File,
                    1.0,
                    file.place.clone(),
                    "The attached archive is locked, so its content could not be checked.",
                );
            }
        }
    }
    if let Some(e) = f.topic(Topic::EnableContent).filter(|_| !f.files.is_empty()) {
        r.add(
            "enable_content",
            File,
            1.5,
            e.place.clone(),
            "The mail asks to switch on active content in the attached file.",
        );
    }
    if let Some(p) = &f.password_form {
        r.add("password_field_in_mail", File, 2.0, p.clone(), "The mail itself contains a field for a password.");
    }
}
