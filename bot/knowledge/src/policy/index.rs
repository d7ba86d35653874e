//! The index: documents, their chunks and where each term stands. Built in memory from text; it reads no files.

use super::chunk::Document;
use super::compounds::Compounds;
use super::synonyms::Synonyms;
use super::words::Lang;
use std::collections::HashMap;
use std::sync::Arc;

/// How an index is built.
#[derive(Debug, Clone, Default)]
pub struct IndexOptions {
    /// The company's own synonym lines, in the format of `data/synonyms.txt`.
    pub synonyms: String,
}

/// What a re-index changed, by document name.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Changes {
    /// New documents.
    pub added: Vec<String>,
    /// Documents whose text differs: cached answers that cite them expire.
    pub changed: Vec<String>,
    /// Documents that are gone.
    pub removed: Vec<String>,
    /// Documents kept without being read again.
    pub kept: usize,
}

/// How often a term stands in the fields of a chunk.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Posting {
    pub chunk: u32,
    pub title: u16,
    pub heading: u16,
    pub body: u16,
}

/// The terms of a sentence and of its lead-in, as numbers.
#[derive(Debug)]
pub(crate) struct UnitTerms {
    pub own: Vec<u32>,
    pub lead: Vec<u32>,
}

/// Where a chunk of the flat list lives, its length in terms, and its terms.
#[derive(Debug)]
pub(crate) struct Place {
    pub doc: u32,
    pub chunk: u32,
    pub body_terms: f32,
    pub heading_terms: f32,
    pub heading: Vec<u32>,
    pub units: Vec<UnitTerms>,
}

/// A searchable set of policy documents. Make one per permission scope with [`Index::only`]: what a person may not
/// read is then neither ranked nor counted.
#[derive(Debug, Default)]
pub struct Index {
    pub(crate) documents: Vec<Arc<Document>>,
    pub(crate) places: Vec<Place>,
    /// Terms of the title of each document.
    pub(crate) titles: Vec<Vec<u32>>,
    lexicon: HashMap<String, u32>,
    /// By number of the term, in the order of chunks.
    postings: Vec<Vec<Posting>>,
    /// The language of most documents.
    pub(crate) lang: Lang,
    /// Words as written and their stems, sorted, for spelling tolerance.
    pub(crate) surface: Vec<String>,
    pub(crate) mean_body: f32,
    pub(crate) mean_heading: f32,
    pub(crate) synonyms: Synonyms,
    options: IndexOptions,
}

impl Index {
    /// Indexes documents given as (name relative to the policy folder, Markdown text). A later one of the same name wins.
    pub fn build(docs: impl IntoIterator<Item = (String, String)>, options: IndexOptions) -> Self {
        Self::default().rebuild_with(docs, options).0
    }

    /// The index of a changed folder. Documents with the same text keep their chunks and ids.
    pub fn rebuild(&self, docs: impl IntoIterator<Item = (String, String)>) -> (Self, Changes) {
        self.rebuild_with(docs, self.options.clone())
    }

    fn rebuild_with(&self, docs: impl IntoIterator<Item = (String, String)>, options: IndexOptions) -> (Self, Changes) {
        let mut old: HashMap<&str, &Arc<Document>> = self.documents.iter().map(|d| (d.name.as_str(), d)).collect();
        let mut changes = Changes::default();
        let mut fresh: HashMap<String, Arc<Document>> = HashMap::new();
        for (name, text) in docs {
            let before = old.remove(name.as_str());
            let document = match before {
                Some(d) if d.text == text => {
                    changes.kept += 1;
                    Arc::clone(d)
                }
                Some(_) => {
                    changes.changed.push(name.clone());
                    Arc::new(Document::new(name.clone(), text))
                }
                None => {
                    changes.added.push(name.clone());
                    Arc::new(Document::new(name.clone(), text))
                }
            };
            fresh.insert(name, document);
        }
        changes.removed = old.keys().map(|n| (*n).to_owned()).collect();
        changes.removed.sort_unstable();
        (Self::assemble(fresh.into_values().collect(), options), changes)
    }

    /// The part of the index that a person may read.
    #[must_use]
    pub fn only(&self, allowed: impl Fn(&str) -> bool) -> Self {
        let documents = self.documents.iter().filter(|d| allowed(&d.name)).map(Arc::clone).collect();
        Self::assemble(documents, self.options.clone())
    }

    /// How many documents it holds.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Name, digest of the text and front matter of each document, by name.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &str, &super::markdown::FrontMatter)> {
        self.documents.iter().map(|d| (d.name.as_str(), d.digest.as_str(), &d.front))
    }

    /// Whether a section with this id still exists unchanged: the test by which cached answers expire.
    pub fn has_section(&self, id: &str) -> bool {
        self.documents.iter().any(|d| d.chunks.iter().any(|c| c.id == id))
    }

    /// The same for questions that belong together, for the list of gaps.
    pub fn gap_key(&self, question: &str) -> String {
        super::question::key(question, &self.synonyms, self.lang)
    }

    /// The number of a term, if any document has it.
    pub(crate) fn id(&self, term: &str) -> Option<u32> {
        self.lexicon.get(term).copied()
    }

    pub(crate) fn postings(&self, id: u32) -> &[Posting] {
        self.postings.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// How many different terms there are.
    pub(crate) fn vocabulary(&self) -> usize {
        self.postings.len()
    }

    fn number(&mut self, term: &str) -> u32 {
        if let Some(id) = self.lexicon.get(term) {
            return *id;
        }
        let id = self.postings.len() as u32;
        self.lexicon.insert(term.to_owned(), id);
        self.postings.push(Vec::new());
        id
    }

    fn assemble(mut documents: Vec<Arc<Document>>, options: IndexOptions) -> Self {
        documents.sort_by(|a, b| a.name.cmp(&b.name));
        let mut index = Self { synonyms: Synonyms::new(&options.synonyms), options, ..Self::default() };
        let (mut body_sum, mut heading_sum) = (0.0_f32, 0.0_f32);
        let german = documents.iter().filter(|d| d.lang == Lang::German).count();
        index.lang = if german * 2 > documents.len() { Lang::German } else { Lang::English };
        let compounds = Compounds::learn(&documents);
        for (d, document) in documents.iter().enumerate() {
            for (short, long) in &document.acronyms {
                index.synonyms.add_pair(vec![short.clone()], long.clone());
            }
            index.surface.extend(document.surface.iter().filter(|w| w.len() > 3).cloned());
            let title = index.numbers(&document.title_terms, &compounds);
            for (c, chunk) in document.chunks.iter().enumerate() {
                let heading = index.numbers(&chunk.heading_terms, &compounds);
                let units: Vec<UnitTerms> = chunk
                    .units
                    .iter()
                    .map(|u| UnitTerms {
                        own: index.numbers(&u.terms, &compounds),
                        lead: index.numbers(&u.lead_terms, &compounds),
                    })
                    .collect();
                let body: usize = chunk.units.iter().map(|u| u.terms.len()).sum();
                let place = Place {
                    doc: d as u32,
                    chunk: c as u32,
                    body_terms: body as f32,
                    heading_terms: chunk.heading_terms.len() as f32,
                    heading,
                    units,
                };
                body_sum += place.body_terms;
                heading_sum += place.heading_terms;
                index.post(&title, &place);
                index.places.push(place);
            }
            index.titles.push(title);
        }
        index.surface.sort_unstable();
        index.surface.dedup();
        let n = index.places.len().max(1) as f32;
        index.mean_body = (body_sum / n).max(1.0);
        index.mean_heading = (heading_sum / n).max(1.0);
        index.documents = documents;
        index
    }

    /// Terms as numbers, a compound followed by its parts.
    fn numbers(&mut self, terms: &[String], compounds: &Compounds) -> Vec<u32> {
        let mut out = Vec::with_capacity(terms.len());
        for t in terms {
            out.push(self.number(t));
            if let Some((a, b)) = compounds.parts(t) {
                out.push(self.number(a));
                out.push(self.number(b));
            }
        }
        out
    }

    /// Enters the next chunk into the posting lists, which thereby stay in the order of chunks.
    fn post(&mut self, title: &[u32], place: &Place) {
        let at = self.places.len() as u32;
        let mut enter = |id: u32, change: &dyn Fn(&mut Posting)| {
            let Some(list) = self.postings.get_mut(id as usize) else { return };
            if list.last().is_none_or(|p| p.chunk != at) {
                list.push(Posting { chunk: at, ..Posting::default() });
            }
            if let Some(p) = list.last_mut() {
                change(p);
            }
        };
        for id in title {
            enter(*id, &|p| p.title = 1);
        }
        for id in &place.heading {
            enter(*id, &|p| p.heading = p.heading.saturating_add(1));
        }
        for unit in &place.units {
            for id in &unit.own {
                enter(*id, &|p| p.body = p.body.saturating_add(1));
            }
            for id in &unit.lead {
                enter(*id, &|p| p.body = p.body.max(1));
            }
        }
    }
}
