//! Pictures with QR codes, and mails around them, made in code.

// Each test file uses its share; tests may stop; geometry.
#![allow(dead_code, clippy::unwrap_used, clippy::many_single_char_names)]

use base64::Engine;

/// A picture in grey.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

/// A code of `module` pixels a module with an edge of `edge` modules.
pub fn code(text: &str, module: usize, edge: usize) -> Picture {
    let code = qrcode::QrCode::new(text).unwrap();
    let n = code.width();
    let side = (n + 2 * edge) * module;
    let dark = |v: usize| (v / module).checked_sub(edge).filter(|m| *m < n);
    let at = |i: usize| match (dark(i % side), dark(i / side)) {
        (Some(x), Some(y)) if code[(x, y)] == qrcode::Color::Dark => 0,
        _ => 255,
    };
    Picture { width: side, height: side, pixels: (0..side * side).map(at).collect() }
}

impl Picture {
    pub fn reversed(mut self) -> Self {
        self.pixels.iter_mut().for_each(|p| *p = 255 - *p);
        self
    }

    /// In the middle of a larger picture of noise.
    pub fn within(&self, width: usize, height: usize) -> Self {
        let mut seed = 1_u32;
        let mut pixels: Vec<u8> = (0..width * height)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let (x0, y0) = ((width - self.width) / 2, (height - self.height) / 2);
        for (y, row) in self.pixels.chunks(self.width).enumerate() {
            let at = (y0 + y) * width + x0;
            pixels[at..at + self.width].copy_from_slice(row);
        }
        Self { width, height, pixels }
    }

    /// As a camera sees it: turned by `angle` (radians), `scale` times as large, one side further away by `tilt`, with
    /// a shadow from left to right.
    pub fn seen(&self, angle: f64, scale: f64, tilt: f64) -> Self {
        let side = ((self.width as f64 * scale * 1.5) as usize).max(60);
        let (sin, cos) = angle.sin_cos();
        let middle = side as f64 / 2.0;
        let at = |i: usize| {
            let (x, y) = ((i % side) as f64 - middle, (i / side) as f64 - middle);
            let far = scale / (1.0 + tilt * y / side as f64);
            let (u, v) = ((x * cos + y * sin) / far, (y * cos - x * sin) / far);
            let (u, v) = (u + self.width as f64 / 2.0, v + self.height as f64 / 2.0);
            let inside = u >= 0.0 && v >= 0.0 && u < self.width as f64 && v < self.height as f64;
            let p = if inside { self.pixels[v as usize * self.width + u as usize] } else { 255 };
            let light = 0.4 + 0.6 * (i % side) as f64 / side as f64;
            (f64::from(p) * light) as u8
        };
        Self { width: side, height: side, pixels: (0..side * side).map(at).collect() }
    }

    pub fn png(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let (w, h) = (u32::try_from(self.width).unwrap(), u32::try_from(self.height).unwrap());
        let mut e = png::Encoder::new(&mut out, w, h);
        e.set_color(png::ColorType::Rgba);
        let rgba: Vec<u8> = self.pixels.iter().flat_map(|p| [0, 0, *p / 2, 255 - *p]).collect();
        e.write_header().unwrap().write_image_data(&rgba).unwrap();
        out
    }

    /// One grey byte a pixel.
    pub fn gray(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let (w, h) = (u32::try_from(self.width).unwrap(), u32::try_from(self.height).unwrap());
        let mut e = png::Encoder::new(&mut out, w, h);
        e.set_color(png::ColorType::Grayscale);
        e.write_header().unwrap().write_image_data(&self.pixels).unwrap();
        out
    }

    /// Lossless.
    pub fn webp(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let (w, h) = (u32::try_from(self.width).unwrap(), u32::try_from(self.height).unwrap());
        image_webp::WebPEncoder::new(&mut out).encode(&self.pixels, w, h, image_webp::ColorType::L8).unwrap();
        out
    }

    pub fn gif(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let (w, h) = (u16::try_from(self.width).unwrap(), u16::try_from(self.height).unwrap());
        let mut e = gif::Encoder::new(&mut out, w, h, &[255, 255, 255, 20, 20, 90]).unwrap();
        let pixels: Vec<u8> = self.pixels.iter().map(|p| u8::from(*p < 128)).collect();
        e.write_frame(&gif::Frame { width: w, height: h, buffer: pixels.into(), ..gif::Frame::default() }).unwrap();
        drop(e);
        out
    }

    /// Baseline JPEG of flat squares of 8 pixels: every block is its mean only (ITU-T T.81).
    pub fn jpeg(&self) -> Vec<u8> {
        let (w, h) = (self.width / 8 * 8, self.height / 8 * 8);
        let mut out = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
        out.extend([8_u8; 64]);
        let side = |v: usize| u16::try_from(v).unwrap().to_be_bytes();
        out.extend([0xff, 0xc0, 0, 11, 8]);
        out.extend(side(h));
        out.extend(side(w));
        out.extend([1, 1, 0x11, 0]);
        // Differences of length 0, 7 and 8 have codes of two bits; the end of a block has one bit.
        out.extend([0xff, 0xc4, 0, 22, 0x00, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8]);
        out.extend([0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        out.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
        let (mut bits, mut before) = (Vec::new(), 0_i32);
        let mut put = |value: i32, n: u32| bits.extend((0..n).rev().map(|i| value >> i & 1 == 1));
        for y in (0..h).step_by(8) {
            for x in (0..w).step_by(8) {
                let mean = i32::from(self.pixels[y * self.width + x]) - 128;
                let diff = mean - before;
                before = mean;
                let len = 32 - diff.unsigned_abs().leading_zeros();
                put(
                    match len {
                        0 => 0,
                        7 => 1,
                        8 => 2,
                        _ => unreachable!("only black and white"),
                    },
                    2,
                );
                put(if diff < 0 { diff - 1 } else { diff }, len);
                put(0, 1);
            }
        }
        for byte in bits.chunks(8) {
            let value = (0..8).fold(0_u8, |v, i| v << 1 | u8::from(byte.get(i).copied().unwrap_or(true)));
            out.push(value);
            if value == 0xff {
                out.push(0);
            }
        }
        out.extend([0xff, 0xd9]);
        out
    }
}

pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A mail from `from` with a text and one file of that type.
pub fn mail(from: &str, subject: &str, html: &str, ctype: &str, name: &str, file: &[u8]) -> Vec<u8> {
    format!(
        "Authentication-Results: mx.northwind.example; dmarc=pass header.from=supplier.example\r\n\
         Received: from mail.sender.example by mx.northwind.example; Mon, 2 Mar 2026 10:00:00 +0000\r\n\
         From: {from}\r\nTo: reader@northwind.example\r\nSubject: {subject}\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\
         Message-ID: <1@sender.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b\r\nContent-Type: {ctype}; name=\"{name}\"\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        base64(file)
    )
    .into_bytes()
}

/// Packs bytes as PDF streams are packed.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut e = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    e.write_all(bytes).unwrap();
    e.finish().unwrap()
}

/// A PDF of these objects: a dictionary each, with a stream or without.
pub fn pdf(objects: &[(&str, Option<Vec<u8>>)]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    for (i, (dict, data)) in objects.iter().enumerate() {
        out.extend(format!("{} 0 obj\n<< {dict}", i + 1).bytes());
        match data {
            Some(d) => {
                out.extend(format!(" /Length {} >>\nstream\r\n", d.len()).bytes());
                out.extend(d);
                out.extend(b"\nendstream\nendobj\n");
            }
            None => out.extend(b" >>\nendobj\n"),
        }
    }
    out.extend(b"trailer << /Root 1 0 R >>\n%%EOF\n");
    out
}
