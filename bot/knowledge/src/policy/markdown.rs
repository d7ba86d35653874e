//! Markdown into sections and blocks that keep their byte ranges: a quote must be an exact slice.

use pulldown_cmark::{Event, HeadingLevel, MetadataBlockKind, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// What the front matter says about a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct FrontMatter {
    /// `title`, else the first heading, else the file name.
    pub title: String,
    /// Role that owns the document.
    pub owner: Option<String>,
    /// Version of the text.
    pub version: Option<String>,
    /// Date from which it holds, as written.
    pub effective: Option<String>,
}

/// A paragraph, list item, table row or other leaf block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub range: Range<usize>,
    /// Blocks without which this one means nothing: the sentence before a list, the header of a table.
    pub lead: Vec<Range<usize>>,
}

/// The text below one heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// Headings from the outermost to this one.
    pub path: Vec<String>,
    pub blocks: Vec<Block>,
}

/// Reads a document. Never fails: Markdown has no errors.
pub(crate) fn read(name: &str, text: &str) -> (FrontMatter, Vec<Section>) {
    let mut reader = Reader { text, ..Reader::default() };
    reader.sections.push(Section::default());
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.event(event, range);
    }
    reader.close(text.len());
    let mut front = reader.front;
    if front.title.is_empty() {
        let first = reader.sections.iter().find_map(|s| s.path.first()).cloned();
        front.title = first.unwrap_or_else(|| file_title(name));
    }
    reader.sections.retain(|s| !s.blocks.is_empty());
    (front, reader.sections)
}

/// `hr/remote-work.md` is called "remote work" where it has no title.
pub(crate) fn file_title(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.trim_end_matches(".md").replace(['-', '_'], " ")
}

#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    front: FrontMatter,
    in_front: bool,
    sections: Vec<Section>,
    levels: Vec<(usize, String)>,
    heading: Option<(usize, String)>,
    open: Option<usize>,
    /// Lead-in of each open list.
    leads: Vec<Option<Range<usize>>>,
    last: Option<Range<usize>>,
    header: Option<Range<usize>>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::MetadataBlock(MetadataBlockKind::YamlStyle)) => self.in_front = true,
            Event::End(TagEnd::MetadataBlock(_)) => self.in_front = false,
            Event::Text(t) if self.in_front => self.read_front(&t),
            Event::Start(Tag::Heading { level, .. }) => {
                self.close(range.start);
                self.heading = Some((level_number(level), String::new()));
            }
            Event::Text(t) | Event::Code(t) if self.heading.is_some() => {
                if let Some((_, h)) = &mut self.heading {
                    h.push_str(&t);
                }
            }
            Event::End(TagEnd::Heading(_)) => self.end_heading(),
            Event::Start(Tag::List(_)) => {
                self.close(range.start);
                let near = self.last.clone().filter(|l| self.only_blank(l.end, range.start));
                self.leads.push(near);
            }
            Event::End(TagEnd::List(_)) => {
                self.close(range.end);
                self.leads.pop();
                self.last = None;
            }
            Event::Start(Tag::Item) => {
                self.close(range.start);
                self.open = Some(range.start);
            }
            Event::End(TagEnd::Item | TagEnd::Paragraph) => self.close(range.end),
            Event::Start(Tag::Paragraph) => {
                self.open.get_or_insert(range.start);
            }
            Event::Start(Tag::TableHead) => self.header = Some(range),
            Event::Start(Tag::TableRow | Tag::CodeBlock(_) | Tag::HtmlBlock) => {
                self.close(range.start);
                self.open = Some(range.start);
            }
            Event::End(TagEnd::TableRow | TagEnd::CodeBlock | TagEnd::HtmlBlock) => self.close(range.end),
            Event::End(TagEnd::Table) => self.header = None,
            _ => {}
        }
    }

    fn only_blank(&self, from: usize, to: usize) -> bool {
        self.text.get(from..to).is_some_and(|t| t.trim().is_empty())
    }

    /// Ends the open block. A paragraph that is one bold phrase is a heading by intent.
    fn close(&mut self, end: usize) {
        let Some(start) = self.open.take() else { return };
        let Some(raw) = self.text.get(start..end) else { return };
        let body = raw.trim();
        if body.is_empty() {
            return;
        }
        let start = start + (raw.len() - raw.trim_start().len());
        let range = start..start + body.len();
        let bold = body.strip_prefix("**").and_then(|b| b.strip_suffix("**")).filter(|b| !b.contains("**"));
        if let Some(bold) = bold.filter(|b| self.leads.is_empty() && b.split_whitespace().count() <= 8) {
            self.heading = Some((7, bold.trim_end_matches(':').to_owned()));
            self.end_heading();
            return;
        }
        let mut lead: Vec<Range<usize>> = self.leads.iter().flatten().cloned().collect();
        lead.extend(self.header.clone());
        lead.retain(|l| l.end <= range.start);
        self.last = Some(range.clone());
        if let Some(section) = self.sections.last_mut() {
            section.blocks.push(Block { range, lead });
        }
    }

    fn end_heading(&mut self) {
        let Some((level, name)) = self.heading.take() else { return };
        self.levels.retain(|(l, _)| *l < level);
        self.levels.push((level, name.trim().to_owned()));
        let path = self.levels.iter().map(|(_, n)| n.clone()).collect();
        self.sections.push(Section { path, blocks: Vec::new() });
        self.last = None;
    }

    /// Front matter is read line by line: only four plain fields matter, so a broken one costs nothing.
    fn read_front(&mut self, t: &str) {
        for line in t.lines() {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim().trim_matches(['"', '\'']).to_owned();
            if value.is_empty() {
                continue;
            }
            match key.trim().to_lowercase().as_str() {
                "title" | "name" => self.front.title = value,
                "owner" | "owner_role" => self.front.owner = Some(value),
                "version" => self.front.version = Some(value),
                "effective" | "effective_date" | "effective date" | "date" => self.front.effective = Some(value),
                _ => {}
            }
        }
    }
}

fn level_number(level: HeadingLevel) -> usize {
    level as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_lead_in_and_a_row_its_header() {
        let text = "---\ntitle: T\nversion: 2\nowner: x\neffective: 2026-01-01\n---\n# A\n\nYou must:\n\n- lock\n  - always\n- ask\n\n## B\n\n|Who|What|\n|--|--|\n|HR|keys|\n";
        let (front, sections) = read("t.md", text);
        assert_eq!((front.title.as_str(), front.version.as_deref()), ("T", Some("2")));
        let a = &sections[0];
        let got: Vec<&str> = a.blocks.iter().map(|b| &text[b.range.clone()]).collect();
        assert_eq!(got, ["You must:", "- lock", "- always", "- ask"]);
        assert_eq!(&text[a.blocks[2].lead[0].clone()], "You must:");
        assert_eq!(&text[a.blocks[2].lead[1].clone()], "- lock");
        assert_eq!(sections[1].path, ["A", "B"]);
        let row = &sections[1].blocks[0];
        assert_eq!(&text[row.range.clone()], "|HR|keys|");
        assert!(text[row.lead[0].clone()].contains("Who"));
    }

    #[test]
    fn a_bold_line_is_a_heading() {
        let (_, sections) = read("a/no-title_here.md", "**Removable media:**\n\ntext\n");
        assert_eq!(sections[0].path, ["Removable media"]);
        assert_eq!(file_title("a/no-title_here.md"), "no title here");
    }
}
