//! Users of the workspace.

use crate::receive::Us;
use crate::text::{at, boolean};
use nightbell_core::port::chat::Profile;
use nightbell_core::text::one_line;
use serde_json::Value;

/// Slack's words for "there is no such user".
pub(crate) fn nobody(code: &str) -> bool {
    matches!(code, "user_not_found" | "users_not_found" | "user_not_visible")
}

/// A user object as a profile. Slack, "user object": guests are `is_restricted` or `is_ultra_restricted`; people of a
/// connected company have another team, or `is_stranger`; on Enterprise Grid all workspaces of the organisation are ours.
pub(crate) fn profile(u: &Value, us: &Us) -> Option<Profile> {
    let id = one_line(at(u, "/id"), 120);
    if id.is_empty() {
        return None;
    }
    let name = ["/profile/real_name", "/real_name", "/profile/display_name", "/name"];
    let name = name.iter().map(|p| at(u, p)).find(|n| !n.trim().is_empty()).unwrap_or(&id);
    let email = one_line(at(u, "/profile/email"), 254).to_lowercase();
    let team = at(u, "/team_id");
    let teams = crate::text::list(u, "/enterprise_user/teams");
    let ours = us.team.is_empty() || team.is_empty() || team == us.team || teams.iter().any(|t| t == us.team.as_str());
    Some(Profile {
        name: one_line(name, 80),
        // An address that nobody confirmed yet is a claim.
        email: (email.contains('@') && u.pointer("/is_email_confirmed") != Some(&Value::Bool(false))).then_some(email),
        guest: boolean(u, "/is_restricted") || boolean(u, "/is_ultra_restricted"),
        foreign: boolean(u, "/is_stranger") || !ours,
        gone: boolean(u, "/deleted") || boolean(u, "/is_bot") || boolean(u, "/is_workflow_bot"),
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_counts_as_one_of_us() {
        let us = Us { team: "T1".to_owned(), ..Us::default() };
        let user = json!({"id": "U1", "team_id": "T1", "real_name": "A person", "profile": {"email": "A@Example.com"}});
        let p = profile(&user, &us).expect("profile");
        assert_eq!(p.email.as_deref(), Some("a@example.com"));
        assert!(!p.guest && !p.foreign && !p.gone);
        for (key, value, test) in [
            ("is_restricted", json!(true), (|p: &Profile| p.guest) as fn(&Profile) -> bool),
            ("is_stranger", json!(true), |p| p.foreign),
            ("team_id", json!("T2"), |p| p.foreign),
            ("deleted", json!(true), |p| p.gone),
            ("is_email_confirmed", json!(false), |p| p.email.is_none()),
        ] {
            let mut u = user.clone();
            u[key] = value;
            assert!(test(&profile(&u, &us).expect("profile")), "{key}");
        }
        let mut grid = user.clone();
        grid["team_id"] = json!("T9");
        grid["enterprise_user"] = json!({"teams": ["T1", "T9"]});
        assert!(!profile(&grid, &us).expect("profile").foreign, "another workspace of the same organisation");
        for odd in [json!(null), json!([]), json!({"id": 7}), json!({"id": "U1", "profile": 3})] {
            let _ = profile(&odd, &us);
        }
    }
}
