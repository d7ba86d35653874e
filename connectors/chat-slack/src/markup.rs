//! Slack's text markup, taken out: entities, references, links. Format: "Formatting text for app surfaces".

/// The text as people read it, without our own mention; and whether we were mentioned.
///
/// Links that Slack made out of an address keep the address; a link with other words keeps both, because what a link
/// says and where it leads is what a report is about.
pub(crate) fn plain(text: &str, me: &str) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    let mut mentioned = false;
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, tail) = rest.split_at(start);
        out.push_str(&entities(before));
        let inner_tail = tail.get(1..).unwrap_or_default();
        let Some(end) = inner_tail.find('>') else {
            rest = tail;
            break;
        };
        let inner = inner_tail.get(..end).unwrap_or_default();
        if !is_reference(inner) {
            out.push('<');
            rest = inner_tail;
            continue;
        }
        if !me.is_empty() && (inner == format!("@{me}") || inner.starts_with(&format!("@{me}|"))) {
            mentioned = true;
        } else {
            out.push_str(&reference(inner));
        }
        rest = inner_tail.get(end + 1..).unwrap_or_default();
    }
    out.push_str(&entities(rest));
    let out = if mentioned { tidy(&out) } else { out };
    (out, mentioned)
}

/// Whether what stands between brackets is one of Slack's. Slack escapes every bracket that people type, but not everything
/// that reaches us has gone through Slack's own clients.
fn is_reference(inner: &str) -> bool {
    let target = inner.split('|').next().unwrap_or_default();
    let sign = target.starts_with(['@', '#', '!']) && target.len() > 1;
    !inner.contains(['<', '\n']) && !target.contains(char::is_whitespace) && (sign || target.contains(':'))
}

/// What stands between the brackets.
fn reference(inner: &str) -> String {
    let (target, label) = inner.split_once('|').unwrap_or((inner, ""));
    let (target, label) = (entities(target), entities(label));
    if let Some(address) = target.strip_prefix("mailto:") {
        return if label.is_empty() || label == address { address.to_owned() } else { format!("{label} <{address}>") };
    }
    match target.chars().next() {
        Some('@' | '#') => {
            let sign: String = target.chars().take(1).collect();
            if label.is_empty() { target } else { format!("{sign}{}", label.trim_start_matches(['@', '#'])) }
        }
        Some('!') => {
            let word = if label.is_empty() { target.trim_start_matches('!').to_owned() } else { label };
            format!("@{}", word.trim_start_matches('@'))
        }
        _ => {
            let bare = |s: &str| {
                let s = s.trim_end_matches('/').to_lowercase();
                s.trim_start_matches("https://").trim_start_matches("http://").to_owned()
            };
            if label.is_empty() || bare(&label) == bare(&target) { target } else { format!("{label} <{target}>") }
        }
    }
}

fn entities(text: &str) -> String {
    if text.contains('&') {
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    } else {
        text.to_owned()
    }
}

/// Without the gap that a mention leaves.
fn tidy(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|l| {
            let l = l.trim().trim_start_matches([',', ':']).trim_start();
            l.replace("  ", " ")
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_people_read_it() {
        for (slack, want) in [
            ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
            ("From: <mailto:ceo@example.com|ceo@example.com>", "From: ceo@example.com"),
            ("From: Boss &lt;<mailto:ceo@example.com|ceo@example.com>&gt;", "From: Boss <ceo@example.com>"),
            ("see <https://example.com/x>", "see https://example.com/x"),
            ("see <http://example.com|example.com>", "see http://example.com"),
            ("see <https://evil.example/x|https://bank.example>", "see https://bank.example <https://evil.example/x>"),
            ("<!channel> <!subteam^S1|@sec> <#C1|general> <@U2>", "@channel @sec #general @U2"),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("<", "<"),
            ("<>", "<>"),
            ("<a<b>", "<a<b>"),
        ] {
            assert_eq!(plain(slack, "UBOT").0, want, "{slack}");
        }
    }

    #[test]
    fn our_mention_is_taken_out() {
        assert_eq!(plain("<@UBOT> help", "UBOT"), ("help".to_owned(), true));
        assert_eq!(plain("hey <@UBOT|nightbell>, is this fine?", "UBOT"), ("hey , is this fine?".to_owned(), true));
        assert_eq!(plain("<@UOTHER> help", "UBOT"), ("@UOTHER help".to_owned(), false));
    }
}
