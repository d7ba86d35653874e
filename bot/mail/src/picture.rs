//! Pictures, decoded to grey: enough to look for QR codes, nothing more.
//!
//! The size in a picture's head is checked before anything is unpacked, because a few bytes can claim gigabytes.

use std::io::Cursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Longest side. A scanner at 600 dpi gives 7,000.
const MAX_SIDE: usize = 12_000;
/// Pixels times passes of a progressive JPEG; an honest one has about ten passes.
const MAX_WORK: usize = 60_000_000;

/// A picture in grey, line by line; 255 is white.
pub(crate) struct Grey {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

/// Why a picture was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// A form that is not decoded here.
    Form(&'static str),
    Large,
    Broken,
}

/// The type of a picture by its first bytes; nothing for other files.
pub(crate) fn form(b: &[u8]) -> Option<&'static str> {
    let at = |i: usize, m: &[u8]| b.get(i..i + m.len()) == Some(m);
    Some(match () {
        () if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        () if at(0, b"\xff\xd8\xff") => "image/jpeg",
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        () if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        () if at(4, b"ftypheic") || at(4, b"ftypheix") || at(4, b"ftypmif1") || at(4, b"ftypavif") => "image/heic",
        () if at(0, b"II*\0") || at(0, b"MM\0*") => "image/tiff",
        () if at(0, b"BM") && at(6, &[0; 4]) => "image/bmp",
        () => return None,
    })
}

/// Decodes a picture of at most `max` pixels.
pub(crate) fn decode(b: &[u8], max: usize) -> Result<Grey, Why> {
    match form(b) {
        Some("image/png") => png(b, max),
        Some("image/jpeg") => jpeg(b, max),
        Some("image/gif") => gif(b, max),
        Some("image/webp") => webp(b, max),
        Some(other) => Err(Why::Form(other.trim_start_matches("image/"))),
        None => Err(Why::Broken),
    }
}

/// Pixels, when a picture of these sides is allowed.
pub(crate) fn allowed(width: usize, height: usize, max: usize) -> Result<usize, Why> {
    if width == 0 || height == 0 {
        return Err(Why::Broken);
    }
    if width > MAX_SIDE || height > MAX_SIDE || width * height > max {
        return Err(Why::Large);
    }
    Ok(width * height)
}

/// Brightness of a colour, as eyes weigh it (ITU-R BT.601), on white where it is transparent.
fn luma(rgb: &[u8], alpha: u8) -> u8 {
    let at = |i: usize| u32::from(rgb.get(i).copied().unwrap_or(0));
    let y = (at(0) * 299 + at(1) * 587 + at(2) * 114) / 1000;
    over_white(y, alpha)
}

fn over_white(y: u32, alpha: u8) -> u8 {
    let a = u32::from(alpha);
    ((y * a + 255 * (255 - a)) / 255).min(255) as u8
}

/// One line of 8-bit samples, `n` to a pixel.
pub(crate) fn line(samples: &[u8], n: usize, out: &mut Vec<u8>) {
    match n {
        1 => out.extend_from_slice(samples),
        2 => out.extend(samples.chunks_exact(2).filter_map(|p| Some(over_white(u32::from(*p.first()?), *p.get(1)?)))),
        3 => out.extend(samples.chunks_exact(3).map(|p| luma(p, 255))),
        _ => out.extend(samples.chunks_exact(4).map(|p| luma(p, p.get(3).copied().unwrap_or(255)))),
    }
}

fn done(width: usize, height: usize, mut pixels: Vec<u8>) -> Grey {
    // A cut picture shows what is there; the rest is white.
    pixels.resize(width * height, 255);
    Grey { width, height, pixels }
}

fn png(b: &[u8], max: usize) -> Result<Grey, Why> {
    let limits = png::Limits { bytes: 64 * 1024 * 1024 };
    let mut d = png::Decoder::new_with_limits(Cursor::new(b), limits);
    d.set_ignore_text_chunk(true);
    d.set_ignore_iccp_chunk(true);
    d.set_transformations(png::Transformations::normalize_to_color8());
    let (width, height, interlaced) = {
        let head = d.read_header_info().map_err(|_| Why::Broken)?;
        (head.width as usize, head.height as usize, head.interlaced)
    };
    let pixels = allowed(width, height, max)?;
    let mut r = d.read_info().map_err(|_| Why::Broken)?;
    let (colour, _) = r.output_color_type();
    let n = colour.samples();
    let mut out = Vec::with_capacity(pixels);
    if interlaced {
        let size = r.output_buffer_size().filter(|s| *s <= pixels.saturating_mul(4)).ok_or(Why::Large)?;
        let mut buf = vec![0; size];
        r.next_frame(&mut buf).map_err(|_| Why::Broken)?;
        line(&buf, n, &mut out);
    } else {
        while let Ok(Some(row)) = r.next_row() {
            line(row.data(), n, &mut out);
        }
    }
    if out.is_empty() { Err(Why::Broken) } else { Ok(done(width, height, out)) }
}

fn jpeg(b: &[u8], max: usize) -> Result<Grey, Why> {
    let options = DecoderOptions::default().set_max_width(MAX_SIDE).set_max_height(MAX_SIDE).jpeg_set_max_scans(64);
    let mut d =
        zune_jpeg::JpegDecoder::new_with_options(Cursor::new(b), options.jpeg_set_out_colorspace(ColorSpace::Luma));
    d.decode_headers().map_err(|_| Why::Broken)?;
    let (width, height) = d.dimensions().ok_or(Why::Broken)?;
    let pixels = allowed(width, height, max)?;
    let passes = b.windows(2).filter(|w| *w == [0xff, 0xda]).count();
    if passes.saturating_mul(pixels) > MAX_WORK.max(pixels) {
        return Err(Why::Large);
    }
    if let Ok(grey) = d.decode()
        && grey.len() == pixels
    {
        return Ok(done(width, height, grey));
    }
    // Colour spaces that do not turn into grey directly.
    let mut d =
        zune_jpeg::JpegDecoder::new_with_options(Cursor::new(b), options.jpeg_set_out_colorspace(ColorSpace::RGB));
    let rgb = d.decode().map_err(|_| Why::Broken)?;
    let mut out = Vec::with_capacity(pixels);
    line(&rgb, 3, &mut out);
    Ok(done(width, height, out))
}

fn gif(b: &[u8], max: usize) -> Result<Grey, Why> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::Indexed);
    let mut d = options.read_info(Cursor::new(b)).map_err(|_| Why::Broken)?;
    // The first picture of an animation.
    let (width, height, clear, palette) = {
        let global = d.global_palette().map(<[u8]>::to_vec);
        let frame = d.next_frame_info().ok().flatten().ok_or(Why::Broken)?;
        let palette = frame.palette.clone().or(global).unwrap_or_default();
        (usize::from(frame.width), usize::from(frame.height), frame.transparent, palette)
    };
    let pixels = allowed(width, height, max)?;
    let mut buf = vec![0; d.buffer_size().max(pixels)];
    d.read_into_buffer(&mut buf).map_err(|_| Why::Broken)?;
    let grey = |i: &u8| {
        let at = usize::from(*i) * 3;
        palette.get(at..at + 3).map_or(255, |c| luma(c, if clear == Some(*i) { 0 } else { 255 }))
    };
    Ok(done(width, height, buf.iter().take(pixels).map(grey).collect()))
}

/// The first picture of an animation.
fn webp(b: &[u8], max: usize) -> Result<Grey, Why> {
    let mut d = image_webp::WebPDecoder::new(Cursor::new(b)).map_err(|_| Why::Broken)?;
    d.set_memory_limit(64 * 1024 * 1024);
    let (width, height) = d.dimensions();
    let (width, height) = (width as usize, height as usize);
    let pixels = allowed(width, height, max)?;
    let n = if d.has_alpha() { 4 } else { 3 };
    let size = d.output_buffer_size().filter(|s| *s == pixels.saturating_mul(n)).ok_or(Why::Large)?;
    let mut buf = vec![0; size];
    d.read_image(&mut buf).map_err(|_| Why::Broken)?;
    let mut out = Vec::with_capacity(pixels);
    line(&buf, n, &mut out);
    Ok(done(width, height, out))
}
