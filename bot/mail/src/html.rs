//! A tolerant reader of HTML that keeps source positions.
//!
//! A mail is never rendered. What is needed is the visible text, the links with their texts and a few dangerous
//! elements, each with its place in the source, which ready-made parsers do not give. Unknown or broken markup is
//! treated as browsers do: what is not a tag is text.

use crate::entity;

/// A link.
#[derive(Debug, Default, Clone)]
pub(crate) struct Anchor {
    /// Target, references resolved, white space removed as browsers do.
    pub href: String,
    /// Visible text.
    pub text: String,
    /// Characters of the source: the target.
    pub at: (usize, usize),
}

/// What a page holds.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Visible text.
    pub text: String,
    /// For each character of `text` the character of the source.
    pub map: Vec<u32>,
    /// Characters of text that styles hide.
    pub hidden: usize,
    pub anchors: Vec<Anchor>,
    /// Pictures: source and place.
    pub images: Vec<(String, (usize, usize))>,
    /// Targets of forms and their places.
    pub forms: Vec<(String, (usize, usize))>,
    /// Place of a password field.
    pub password: Option<(usize, usize)>,
    /// Contents of scripts and event handlers, with the first script's place.
    pub script: String,
    pub script_at: Option<(usize, usize)>,
    /// Target of a refresh.
    pub refresh: Option<(String, (usize, usize))>,
}

struct Reader<'a> {
    src: &'a str,
    /// Last byte position turned into characters.
    at: (usize, usize),
    page: Page,
    /// Name of the hiding element and how many of that name are open.
    hiding: Option<(String, usize)>,
    open: Option<Anchor>,
    max_links: usize,
    space: bool,
}

impl Reader<'_> {
    fn chars(&mut self, byte: usize) -> usize {
        let (b, c) = self.at;
        if byte < b {
            return c;
        }
        let more = self.src.as_bytes().get(b..byte).unwrap_or_default().iter().filter(|x| (**x & 0xc0) != 0x80).count();
        self.at = (byte, c + more);
        c + more
    }

    fn push(&mut self, c: char, at: usize) {
        if self.hiding.is_some() {
            self.page.hidden += usize::from(!c.is_whitespace());
            return;
        }
        if c.is_whitespace() {
            self.space = true;
            return;
        }
        if self.space {
            self.space = false;
            if !self.page.text.is_empty() && !self.page.text.ends_with('\n') {
                self.page.text.push(' ');
                self.page.map.push(at as u32);
            }
            if let Some(a) = &mut self.open
                && !a.text.is_empty()
            {
                a.text.push(' ');
            }
        }
        self.page.text.push(c);
        self.page.map.push(at as u32);
        if let Some(a) = &mut self.open {
            a.text.push(c);
        }
    }

    fn line(&mut self, at: usize) {
        self.space = true;
        if self.hiding.is_none() && !self.page.text.is_empty() && !self.page.text.ends_with('\n') {
            self.page.text.push('\n');
            self.page.map.push(at as u32);
        }
    }

    fn close_anchor(&mut self) {
        if let Some(a) = self.open.take()
            && self.page.anchors.len() < self.max_links
        {
            self.page.anchors.push(a);
        }
    }
}

/// Reads a page.
pub(crate) fn read(src: &str, max_links: usize) -> Page {
    let mut r = Reader { src, at: (0, 0), page: Page::default(), hiding: None, open: None, max_links, space: false };
    let mut i = 0;
    while let Some(rest) = src.get(i..).filter(|s| !s.is_empty()) {
        if rest.starts_with("<!--") {
            i += rest.find("-->").map_or(rest.len(), |e| e + 3);
        } else if let Some((tag, len)) = tag(rest) {
            let start = r.chars(i);
            let skip = element(&mut r, &tag, i, start);
            i += len;
            if let Some(end) = skip {
                let body = src.get(i..).unwrap_or_default();
                let stop = find_ci(body, end).unwrap_or(body.len());
                if end == "</script" {
                    let (a, b) = (r.chars(i), r.chars(i + stop));
                    r.page.script_at.get_or_insert((start, b.max(a).max(start + 1)));
                    r.page.script.push_str(body.get(..stop).unwrap_or_default());
                    r.page.script.push('\n');
                }
                i += stop;
            }
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            i += rest.find('>').map_or(rest.len(), |e| e + 1);
        } else if rest.starts_with('&') {
            let at = r.chars(i);
            let (c, n) = entity::reference(rest).unwrap_or(('&', 1));
            r.push(c, at);
            i += n;
        } else if let Some(c) = rest.chars().next() {
            let at = r.chars(i);
            r.push(c, at);
            i += c.len_utf8();
        }
    }
    r.close_anchor();
    r.page
}

/// A tag: name in lower case, attributes with the byte range of the value, relative to the tag.
pub(crate) struct Tag {
    pub name: String,
    pub closing: bool,
    attrs: Vec<(String, String, (usize, usize))>,
}

impl Tag {
    pub fn attr(&self, name: &str) -> Option<&(String, String, (usize, usize))> {
        self.attrs.iter().find(|a| a.0 == name)
    }
}

#[allow(clippy::many_single_char_names)] // positions in a scan, or the usual f, r, s of the rules
pub(crate) fn tag(s: &str) -> Option<(Tag, usize)> {
    let b = s.as_bytes();
    let closing = b.get(1) == Some(&b'/');
    let from = 1 + usize::from(closing);
    if b.first() != Some(&b'<') || !b.get(from)?.is_ascii_alphabetic() {
        return None;
    }
    let mut i = from;
    while b.get(i).is_some_and(|c| !c.is_ascii_whitespace() && !matches!(c, b'>' | b'/')) {
        i += 1;
    }
    let mut tag = Tag { name: s.get(from..i)?.to_ascii_lowercase(), closing, attrs: Vec::new() };
    loop {
        while b.get(i).is_some_and(|c| c.is_ascii_whitespace() || *c == b'/') {
            i += 1;
        }
        match b.get(i) {
            None => return Some((tag, s.len())),
            Some(b'>') => return Some((tag, i + 1)),
            _ => {}
        }
        let start = i;
        i += 1;
        while b.get(i).is_some_and(|c| !c.is_ascii_whitespace() && !matches!(c, b'>' | b'/' | b'=')) {
            i += 1;
        }
        let name = s.get(start..i).unwrap_or_default().to_ascii_lowercase();
        let mut j = i;
        while b.get(j).is_some_and(u8::is_ascii_whitespace) {
            j += 1;
        }
        let mut value = (i, i);
        if b.get(j) == Some(&b'=') {
            j += 1;
            while b.get(j).is_some_and(u8::is_ascii_whitespace) {
                j += 1;
            }
            let quote = b.get(j).copied().filter(|c| matches!(c, b'"' | b'\''));
            let from = j + usize::from(quote.is_some());
            let mut e = from;
            while b.get(e).is_some_and(|c| match quote {
                Some(q) => *c != q,
                None => !c.is_ascii_whitespace() && *c != b'>',
            }) {
                e += 1;
            }
            value = (from, e);
            i = (e + usize::from(quote.is_some())).min(b.len());
        }
        // 64 attributes: more are only there to waste time.
        if tag.attrs.len() < 64 {
            tag.attrs.push((name, entity::decode(s.get(value.0..value.1).unwrap_or_default()), value));
        }
    }
}

const BLOCK: &[&str] = &[
    "p",
    "div",
    "br",
    "tr",
    "table",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "blockquote",
    "section",
    "article",
    "header",
    "footer",
    "center",
    "body",
    "pre",
    "td",
    "th",
];
const VOID: &[&str] = &["br", "img", "hr", "input", "meta", "link", "area", "base", "col", "wbr", "source"];

/// Handles one tag; returns the end marker when its content is not text.
fn element(r: &mut Reader<'_>, tag: &Tag, at: usize, start: usize) -> Option<&'static str> {
    let name = tag.name.as_str();
    if BLOCK.contains(&name) {
        if matches!(name, "td" | "th") { r.space = true } else { r.line(start) }
    }
    if let Some((hider, n)) = &mut r.hiding
        && hider == name
    {
        if tag.closing {
            *n -= 1;
            if *n == 0 {
                r.hiding = None;
            }
        } else {
            *n += 1;
        }
    } else if !tag.closing
        && r.hiding.is_none()
        && !VOID.contains(&name)
        && (tag.attr("hidden").is_some() || tag.attr("style").is_some_and(|a| hides(&a.1)))
    {
        r.hiding = Some((name.to_owned(), 1));
    }
    if tag.closing {
        if name == "a" {
            r.close_anchor();
        }
        return None;
    }
    let place = |r: &mut Reader<'_>, range: (usize, usize)| {
        let a = r.chars(at + range.0);
        let b = r.chars(at + range.1);
        (a, b.max(a + 1))
    };
    for a in tag.attrs.iter().filter(|a| a.0.starts_with("on") && a.0.len() < 16) {
        r.page.script_at.get_or_insert((start, start + 1));
        r.page.script.push_str(&a.1);
        r.page.script.push('\n');
    }
    match name {
        "a" | "area" => {
            r.close_anchor();
            if let Some(a) = tag.attr("href") {
                let (value, range) = (tidy(&a.1), a.2);
                let at = place(r, range);
                let text = if name == "area" { tag.attr("alt").map(|x| x.1.clone()) } else { None };
                r.open = Some(Anchor { href: value, text: text.unwrap_or_default(), at });
                if name == "area" {
                    r.close_anchor();
                }
            }
        }
        "img" | "image" => {
            let alt = tag.attr("alt").map(|a| a.1.clone());
            if let (Some(a), Some(alt)) = (&mut r.open, alt)
                && a.text.is_empty()
            {
                a.text = alt;
            }
            if let Some(a) = tag.attr("src") {
                let at = place(r, a.2);
                if r.page.images.len() < 500 {
                    r.page.images.push((tidy(&a.1), at));
                }
            }
        }
        "form" => {
            let (value, range) = tag.attr("action").map(|a| (tidy(&a.1), a.2)).unwrap_or_default();
            let at = place(r, range);
            r.page.forms.push((value, (start, at.1.max(start + 1))));
        }
        "input" if tag.attr("type").is_some_and(|a| a.1.eq_ignore_ascii_case("password")) => {
            r.page.password.get_or_insert((start, start + 6));
        }
        "meta" if tag.attr("http-equiv").is_some_and(|a| a.1.eq_ignore_ascii_case("refresh")) => {
            if let Some(a) = tag.attr("content")
                && let Some(i) = find_ci(&a.1, "url=")
            {
                let at = place(r, a.2);
                let url = a.1.get(i + 4..).unwrap_or_default().trim_matches(['\'', '"', ' ']).to_owned();
                r.page.refresh.get_or_insert((url, at));
            }
        }
        "script" => return Some("</script"),
        "style" => return Some("</style"),
        "title" => return Some("</title"),
        _ => {}
    }
    None
}

/// Browsers drop tabs and line ends inside a URL (WHATWG URL, section 4.4).
fn tidy(s: &str) -> String {
    s.trim().chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect()
}

fn hides(style: &str) -> bool {
    let s: String = style.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    let zero = |key: &str| {
        s.match_indices(key).any(|(i, _)| {
            let v = s.get(i + key.len()..).unwrap_or_default();
            let v = v.split([';', '!']).next().unwrap_or_default();
            matches!(v, "0" | "0px" | "0pt" | "0em" | "0%" | "0.0" | "1px") && !(v == "1px" && key != "font-size:")
        })
    };
    s.contains("display:none")
        || s.contains("visibility:hidden")
        || s.contains("mso-hide:all")
        || zero("font-size:")
        || s.split(';').any(|d| matches!(d, "opacity:0" | "max-height:0" | "max-height:0px"))
}

/// ASCII case-insensitive search.
pub(crate) fn find_ci(hay: &str, needle: &str) -> Option<usize> {
    let n = needle.len();
    hay.as_bytes().windows(n).position(|w| w.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_text_and_places() {
        let src = "<p>Hé <a class=x HREF='https://a.example/?a=1&amp;b=2'>Sign <b>in</b></a><!-- no --><span style='display: none'>x<span>y</span></span> end";
        let p = read(src, 10);
        assert_eq!(p.text, "Hé Sign in end");
        assert_eq!(p.hidden, 2);
        assert_eq!(p.anchors[0].href, "https://a.example/?a=1&b=2");
        assert_eq!(p.anchors[0].text, "Sign in");
        let (a, b) = p.anchors[0].at;
        assert_eq!(src.chars().skip(a).take(b - a).collect::<String>(), "https://a.example/?a=1&amp;b=2");
        assert_eq!(p.map.len(), p.text.chars().count());
    }

    #[test]
    fn broken_markup_is_text() {
        assert_eq!(read("a < b <3 <a href=", 10).text, "a < b <3");
        assert_eq!(read("<script>alert(1)", 10).script.trim(), "alert(1)");
    }
}
