//! What is dark and what is light in a picture.

#![allow(clippy::many_single_char_names)] // sides and positions

use crate::picture::Grey;

/// How a picture is turned into dark and light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Light {
    /// One limit for the whole picture: screens and printed pages.
    Even,
    /// The mean around each point: photographs with shadows.
    Shadows,
}

/// The limit that parts dark from light best (Otsu's method).
pub(crate) fn otsu(g: &Grey) -> u8 {
    let mut counts = [0_u64; 256];
    for p in &g.pixels {
        if let Some(c) = counts.get_mut(usize::from(*p)) {
            *c += 1;
        }
    }
    let all = g.pixels.len() as f64;
    let sum: f64 = counts.iter().enumerate().map(|(v, n)| v as f64 * *n as f64).sum();
    let (mut best, mut below, mut weight) = ((-1.0, 127), 0.0, 0.0);
    for (v, n) in counts.iter().enumerate() {
        weight += *n as f64;
        below += v as f64 * *n as f64;
        let rest = all - weight;
        if weight == 0.0 || rest <= 0.0 {
            continue;
        }
        let gap = below / weight - (sum - below) / rest;
        let between = weight * rest * gap * gap;
        if between > best.0 {
            best = (between, v);
        }
    }
    best.1.min(254) as u8
}

/// Darker than the mean around it, or very dark.
pub(crate) fn shadows(g: &Grey, limit: u8) -> Vec<bool> {
    let (w, h) = (g.width, g.height);
    let reach = (w.max(h) / 10).max(8);
    // Sums over everything left of and above each point.
    let mut sums = vec![0_u64; (w + 1) * (h + 1)];
    for y in 0..h {
        let mut row = 0;
        for x in 0..w {
            row += u64::from(g.pixels.get(y * w + x).copied().unwrap_or(255));
            let above = sums.get(y * (w + 1) + x + 1).copied().unwrap_or(0);
            if let Some(s) = sums.get_mut((y + 1) * (w + 1) + x + 1) {
                *s = above + row;
            }
        }
    }
    let sum = |x: usize, y: usize| sums.get(y * (w + 1) + x).copied().unwrap_or(0);
    let dark = |i: usize| {
        let (x, y) = (i % w, i / w);
        let (x0, y0, x1, y1) =
            (x.saturating_sub(reach), y.saturating_sub(reach), (x + reach).min(w), (y + reach).min(h));
        let all = sum(x1, y1) + sum(x0, y0) - sum(x0, y1) - sum(x1, y0);
        let mean = all / ((x1 - x0) * (y1 - y0)).max(1) as u64;
        let p = g.pixels.get(i).copied().unwrap_or(255);
        u64::from(p) * 100 < mean * 90 || p < limit / 3
    };
    (0..w * h).map(dark).collect()
}
