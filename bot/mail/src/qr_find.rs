//! Finding QR codes in a picture and taking their modules.
//!
//! The search is written for hostile pictures: its work is bounded by the number of pixels and by fixed numbers of
//! candidates. Ready-made searches compare every three marks, and a picture full of marks keeps them busy for hours.
//! The steps follow ISO/IEC 18004 section 12: marks of three corners, size of a module, alignment mark, sampling.

#![allow(clippy::cast_possible_wrap, clippy::many_single_char_names)] // sides are capped at 12,000; geometry

use crate::picture::Grey;
use crate::qr_light::{Light, otsu, shadows};

/// Marks kept, the ones seen on most lines first. A page with ten codes has 30.
const MAX_MARKS: usize = 40;
/// Groups of three marks that are tried, best shapes first.
const MAX_GROUPS: usize = 16;

type Point = (f64, f64);

/// A picture of dark and light.
pub(crate) struct Bits {
    width: usize,
    height: usize,
    dark: Vec<bool>,
}

/// A corner mark.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Point,
    /// Pixels of a module.
    module: f64,
    lines: usize,
}

/// The modules of one code: its side and whether each is dark, line by line.
pub(crate) struct Grid {
    pub side: usize,
    pub dark: Vec<bool>,
}

impl Bits {
    pub fn new(g: &Grey, light: Light, reversed: bool) -> Self {
        let limit = otsu(g);
        let dark = match light {
            Light::Even => g.pixels.iter().map(|p| *p <= limit).collect(),
            Light::Shadows => shadows(g, limit),
        };
        let mut bits = Self { width: g.width, height: g.height, dark };
        if reversed {
            for d in &mut bits.dark {
                *d = !*d;
            }
        }
        bits
    }

    /// Everything around the picture is light.
    fn at(&self, x: i64, y: i64) -> bool {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return false };
        x < self.width && y < self.height && self.dark.get(y * self.width + x).copied().unwrap_or(false)
    }

    fn point(&self, p: Point) -> bool {
        self.at(p.0.floor() as i64, p.1.floor() as i64)
    }

    /// Calls `decode` with each likely grid; it returns whether that was a code. Stops after `max` codes.
    pub fn grids(&self, max: usize, mut decode: impl FnMut(&Grid) -> bool) {
        let mut found = 0;
        for group in groups(&self.marks()) {
            found += usize::from(self.sample(group, &mut decode));
            if found >= max {
                return;
            }
        }
    }

    /// Corner marks: lines whose runs are as 1:1:3:1:1, checked downwards as well.
    fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for y in 0..self.height as i64 {
            let mut runs = [0_i64; 5];
            let mut dark = false;
            for x in 0..=self.width as i64 {
                let now = self.at(x, y);
                if now == dark {
                    runs[4] += 1;
                    continue;
                }
                dark = now;
                // The fifth run was dark and ends here.
                if !now && let Some(total) = five(&runs) {
                    let centre = x as f64 - (runs[4] + runs[3]) as f64 - runs[2] as f64 / 2.0;
                    if let Some(mark) = self.check(centre, y, total) {
                        join(&mut marks, mark);
                    }
                }
                runs.rotate_left(1);
                runs[4] = 1;
            }
        }
        marks.sort_by_key(|m| std::cmp::Reverse(m.lines));
        marks.truncate(MAX_MARKS);
        marks
    }

    /// The same pattern along the column, of about the same length.
    fn check(&self, x: f64, y: i64, total: i64) -> Option<Mark> {
        let column = x.floor() as i64;
        if !self.at(column, y) {
            return None;
        }
        let run = |from: i64, step: i64, dark: bool| {
            (0..=total)
                .take_while(|i| {
                    let v = from + step * i;
                    (0..self.height as i64).contains(&v) && self.at(column, v) == dark
                })
                .count() as i64
        };
        let (up1, down1) = (run(y, -1, true), run(y + 1, 1, true));
        let (up2, down2) = (run(y - up1, -1, false), run(y + 1 + down1, 1, false));
        let (up3, down3) = (run(y - up1 - up2, -1, true), run(y + 1 + down1 + down2, 1, true));
        let runs = [up3, up2, up1 + down1, down2, down3];
        let tall = five(&runs)?;
        if (tall - total).abs() * 5 > total.max(tall) * 2 {
            return None;
        }
        let centre = (y + 1 + down1) as f64 - runs[2] as f64 / 2.0;
        Some(Mark { at: (x, centre), module: (total + tall) as f64 / 14.0, lines: 1 })
    }

    /// Distance from the middle of a mark to its outer edge towards another point: three and a half modules.
    fn reach(&self, from: Point, to: Point) -> Option<f64> {
        let far = distance(from, to);
        let step = ((to.0 - from.0) / far, (to.1 - from.1) / far);
        let (mut dark, mut changes, mut d) = (true, 0, 0.0);
        while d < far {
            if self.point((from.0 + step.0 * d, from.1 + step.1 * d)) != dark {
                dark = !dark;
                changes += 1;
                if changes == 3 {
                    return Some(d);
                }
            }
            d += 0.25;
        }
        None
    }

    fn sample(&self, [left, corner, right]: [Mark; 3], decode: &mut impl FnMut(&Grid) -> bool) -> bool {
        let (a, b, c) = (left.at, corner.at, right.at);
        let reaches: Vec<f64> =
            [(b, a), (b, c), (a, b), (c, b)].iter().filter_map(|(p, q)| self.reach(*p, *q)).collect();
        let module = if reaches.is_empty() {
            (left.module + corner.module + right.module) / 3.0
        } else {
            reaches.iter().sum::<f64>() / reaches.len() as f64 / 3.5
        };
        let side = f64::midpoint(distance(a, b), distance(b, c)) / module.max(0.5) + 7.0;
        // Sides are 17 and four times the version.
        let version = ((side - 17.0) / 4.0).round();
        for version in [version, version - 1.0, version + 1.0] {
            if !(1.0..=40.0).contains(&version) {
                continue;
            }
            let side = version * 4.0 + 17.0;
            let far = (a.0 + c.0 - b.0, a.1 + c.1 - b.1);
            let corners = [(3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5)];
            let flat = map(&[(corners[0], b), (corners[1], c), (corners[2], a), ((side - 3.5, side - 3.5), far)]);
            let Some(flat) = flat.filter(|m| self.timing(m, side)) else { continue };
            let aligned = (version > 1.0).then(|| self.alignment(&flat, side)).flatten().and_then(|to| {
                map(&[(corners[0], b), (corners[1], c), (corners[2], a), ((side - 6.5, side - 6.5), to)])
            });
            for m in aligned.iter().chain([&flat]) {
                let n = side as usize;
                let at = |i: usize| self.point(m.to(((i % n) as f64 + 0.5, (i / n) as f64 + 0.5)));
                if decode(&Grid { side: n, dark: (0..n * n).map(at).collect() }) {
                    return true;
                }
            }
        }
        false
    }

    /// Between the marks, dark and light modules take turns on both edges: a cheap check before the dear ones.
    fn timing(&self, flat: &Map, side: f64) -> bool {
        [false, true].into_iter().all(|down| {
            let (from, to) = if down { ((6.5, 6.5), (6.5, side - 6.5)) } else { ((6.5, 6.5), (side - 6.5, 6.5)) };
            let (from, to) = (flat.to(from), flat.to(to));
            let steps = (distance(from, to) * 2.0).clamp(1.0, 8_000.0) as usize;
            let mut before = true;
            let mut changes = 0;
            for i in 0..=steps {
                let t = i as f64 / steps as f64;
                let now = self.point((from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t));
                changes += i32::from(now != before);
                before = now;
            }
            // From the corner of one mark to the corner of the other; a speck more or less does not matter.
            (changes - (side as i32 - 13)).abs() <= 4
        })
    }

    /// The small mark near the fourth corner, which shows how the picture is tilted.
    fn alignment(&self, flat: &Map, side: f64) -> Option<Point> {
        let mut best = (21, None);
        // A tilt moves the mark further in a larger code.
        let reach = (side / 6.0).clamp(4.0, 16.0) as i32 * 4;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let middle = (side - 6.5 + f64::from(dx) / 4.0, side - 6.5 + f64::from(dy) / 4.0);
                let fits = (0..25)
                    .filter(|i| {
                        let (x, y): (i32, i32) = (i % 5 - 2, i / 5 - 2);
                        let dark = x.abs().max(y.abs()) != 1;
                        self.point(flat.to((middle.0 + f64::from(x), middle.1 + f64::from(y)))) == dark
                    })
                    .count();
                if fits > best.0 {
                    best = (fits, Some(flat.to(middle)));
                }
            }
        }
        best.1
    }
}

/// Length of five runs that are as 1:1:3:1:1, each within half a module.
fn five(runs: &[i64; 5]) -> Option<i64> {
    let total: i64 = runs.iter().sum();
    let fits =
        runs.iter().zip([1, 1, 3, 1, 1]).all(|(r, n)| *r > 0 && (r * 7 - n * total).abs() * 2 <= n * total + total / 7);
    (total >= 7 && fits).then_some(total)
}

/// One mark is seen on many lines.
fn join(marks: &mut Vec<Mark>, new: Mark) {
    let near = marks.iter_mut().find(|m| {
        (m.at.0 - new.at.0).abs() < m.module * 2.0
            && (m.at.1 - new.at.1).abs() < m.module * 2.0
            && m.module < new.module * 2.0
    });
    if let Some(m) = near {
        let n = m.lines as f64;
        m.at = ((m.at.0 * n + new.at.0) / (n + 1.0), (m.at.1 * n + new.at.1) / (n + 1.0));
        m.module = (m.module * n + new.module) / (n + 1.0);
        m.lines += 1;
        return;
    }
    // Chance marks are seen on a line or two. They go when there is no more room, and real ones stay.
    if marks.len() >= MAX_MARKS * 10 {
        marks.retain(|m| m.lines > 2 || new.at.1 - m.at.1 < m.module * 4.0);
        if marks.len() >= MAX_MARKS * 8 {
            marks.sort_by_key(|m| std::cmp::Reverse(m.lines));
            marks.truncate(MAX_MARKS * 4);
        }
    }
    marks.push(new);
}

/// Three marks that stand like the corners of a code, best first: left, corner, right, clockwise.
fn groups(marks: &[Mark]) -> Vec<[Mark; 3]> {
    let mut found: Vec<(f64, [Mark; 3])> = Vec::new();
    for (i, corner) in marks.iter().enumerate() {
        for (j, one) in marks.iter().enumerate() {
            for (k, two) in marks.iter().enumerate().skip(j + 1) {
                if i == j || i == k {
                    continue;
                }
                let sizes = [corner.module, one.module, two.module];
                let ratio = sizes.iter().copied().fold(0.0, f64::max) / sizes.iter().copied().fold(f64::MAX, f64::min);
                let (p, q) = (minus(one.at, corner.at), minus(two.at, corner.at));
                let (a, b) = (p.0.hypot(p.1), q.0.hypot(q.1));
                let (legs, cosine) = (a.max(b) / a.min(b), (p.0 * q.0 + p.1 * q.1) / (a * b));
                // A code has 14 modules between marks at least.
                if !(ratio < 1.6 && legs < 1.4 && cosine.abs() < 0.3 && a.min(b) > corner.module * 9.0) {
                    continue;
                }
                // Positive when going from `one` to `two` around the corner is clockwise on a screen.
                let cross = p.0 * q.1 - p.1 * q.0;
                let [left, right] = if cross > 0.0 { [two, one] } else { [one, two] };
                found.push((ratio + legs + cosine.abs(), [*left, *corner, *right]));
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().take(MAX_GROUPS).map(|f| f.1).collect()
}

fn minus(a: Point, b: Point) -> Point {
    (a.0 - b.0, a.1 - b.1)
}

fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// A projective map of the plane.
struct Map([f64; 8]);

impl Map {
    fn to(&self, p: Point) -> Point {
        let [a, b, c, d, e, f, g, h] = self.0;
        let w = g * p.0 + h * p.1 + 1.0;
        ((a * p.0 + b * p.1 + c) / w, (d * p.0 + e * p.1 + f) / w)
    }
}

/// The map that takes four points to four others: eight equations, solved by elimination.
fn map(pairs: &[(Point, Point); 4]) -> Option<Map> {
    let mut rows: Vec<[f64; 9]> = Vec::new();
    for ((x, y), (u, v)) in pairs {
        rows.push([*x, *y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, *u]);
        rows.push([0.0, 0.0, 0.0, *x, *y, 1.0, -v * x, -v * y, *v]);
    }
    for col in 0..8 {
        let best = (col..8).max_by(|a, b| {
            let size = |r: &usize| rows.get(*r).map_or(0.0, |r| r[col].abs());
            size(a).total_cmp(&size(b))
        })?;
        rows.swap(col, best);
        let pivot = *rows.get(col)?;
        if pivot[col].abs() < 1e-9 {
            return None;
        }
        for (_, row) in rows.iter_mut().enumerate().filter(|(i, _)| *i != col) {
            let by = row[col] / pivot[col];
            for (r, p) in row.iter_mut().zip(pivot) {
                *r -= by * p;
            }
        }
    }
    let mut out = [0.0; 8];
    for (i, o) in out.iter_mut().enumerate() {
        let row = rows.get(i)?;
        *o = row[8] / row[i];
    }
    out.iter().all(|v| v.is_finite()).then_some(Map(out))
}
