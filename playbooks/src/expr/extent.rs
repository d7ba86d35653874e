//! Where the parts of an expression stand in its text, for messages that point at them.

use super::ast::{Ex, Unreadable, convert, read, whole};
use minijinja::machinery::ast::{CallArg, Expr};
use std::ops::Range;

/// Which bytes of the source an expression covers; the parts are those of [`Ex::children`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// Bytes, without brackets around it.
    pub range: Range<usize>,
    /// Those of the parts.
    pub parts: Vec<Self>,
}

/// Reads one expression and says where each part of it stands.
pub fn parse_with_extent(source: &str) -> Result<(Ex, Extent), Unreadable> {
    let parsed = read(source)?;
    let tree = convert(&parsed, 0).map_err(|m| (m, whole(source)))?;
    Ok((tree, extent(&parsed, source)))
}

/// The library's own starts are not exact for operators and paths; those of names and literals are, and so are
/// all ends. So starts come from the first part.
fn extent(e: &Expr<'_>, source: &str) -> Extent {
    let span = match e {
        Expr::Var(x) => x.span(),
        Expr::Const(x) => x.span(),
        Expr::Slice(x) => x.span(),
        Expr::UnaryOp(x) => x.span(),
        Expr::BinOp(x) => x.span(),
        Expr::Compare(x) => x.span(),
        Expr::IfExpr(x) => x.span(),
        Expr::Filter(x) => x.span(),
        Expr::Test(x) => x.span(),
        Expr::GetAttr(x) => x.span(),
        Expr::GetItem(x) => x.span(),
        Expr::Call(x) => x.span(),
        Expr::List(x) => x.span(),
        Expr::Tuple(x) => x.span(),
        Expr::Map(x) => x.span(),
    };
    let (start, end) = (span.start_offset as usize, span.end_offset as usize);
    let of = |e: &Expr<'_>| extent(e, source);
    let given = |args: &[CallArg<'_>]| -> Vec<Extent> {
        let arg = |a: &CallArg<'_>| match a {
            CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e) => of(e),
        };
        args.iter().map(arg).collect()
    };
    let parts: Vec<Extent> = match e {
        Expr::Var(_) | Expr::Const(_) => vec![],
        Expr::UnaryOp(u) => vec![of(&u.expr)],
        Expr::BinOp(b) => vec![of(&b.left), of(&b.right)],
        Expr::Compare(c) => std::iter::once(of(&c.expr)).chain(c.ops.iter().map(|o| of(&o.expr))).collect(),
        Expr::IfExpr(i) => {
            [Some(&i.test_expr), Some(&i.true_expr), i.false_expr.as_ref()].into_iter().flatten().map(of).collect()
        }
        Expr::Filter(f) => f.expr.iter().map(of).chain(given(&f.args)).collect(),
        Expr::Test(t) => std::iter::once(of(&t.expr)).chain(given(&t.args)).collect(),
        Expr::GetAttr(g) => vec![of(&g.expr)],
        Expr::GetItem(g) => vec![of(&g.expr), of(&g.subscript_expr)],
        Expr::Slice(s) => {
            [Some(&s.expr), s.start.as_ref(), s.stop.as_ref(), s.step.as_ref()].into_iter().flatten().map(of).collect()
        }
        Expr::Call(c) => std::iter::once(of(&c.expr)).chain(given(&c.args)).collect(),
        Expr::List(l) => l.items.iter().map(of).collect(),
        Expr::Tuple(t) => t.items.iter().map(of).collect(),
        Expr::Map(m) => m.keys.iter().zip(&m.values).flat_map(|(k, v)| [of(k), of(v)]).collect(),
    };
    let own = matches!(e, Expr::Var(_) | Expr::Const(_) | Expr::List(_) | Expr::Tuple(_) | Expr::Map(_));
    let first = parts.iter().map(|p| p.range.start).min();
    let sign = matches!(e, Expr::UnaryOp(_))
        && source.get(start..).is_some_and(|s| s.starts_with("not") || s.starts_with('-'));
    let start = first.filter(|f| !own && !(sign && start < *f)).unwrap_or(start);
    let end = parts.iter().map(|p| p.range.end).max().unwrap_or(0).max(end).min(source.len());
    Extent { range: start.min(end)..end, parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every part of the tree with the text that it covers.
    fn shown(source: &str) -> Vec<&str> {
        fn walk<'a>(e: &Extent, source: &'a str, out: &mut Vec<&'a str>) {
            out.push(&source[e.range.clone()]);
            e.parts.iter().for_each(|p| walk(p, source, out));
        }
        let (tree, extent) = parse_with_extent(source).expect(source);
        fn same(tree: &Ex, extent: &Extent) {
            assert_eq!(tree.children().len(), extent.parts.len(), "{tree:?}");
            tree.children().iter().zip(&extent.parts).for_each(|(t, e)| same(t, e));
        }
        same(&tree, &extent);
        let mut out = Vec::new();
        walk(&extent, source, &mut out);
        out
    }

    #[test]
    fn every_part_knows_where_it_stands() {
        assert_eq!(shown("  steps.a.outputs.b  ")[0], "steps.a.outputs.b");
        assert_eq!(shown("a and steps.b['c'].d == 'x'")[1..3], ["a", "steps.b['c'].d == 'x'"]);
        assert_eq!(shown("not (a or b.c)")[..3], ["not (a or b.c)", "a or b.c", "a"]);
        assert_eq!(shown("x not in ['é', y]")[..3], ["x not in ['é', y]", "x not in ['é', y]", "x"]);
        assert_eq!(shown("-a.b | int")[..3], ["-a.b | int", "-a.b", "a.b"]);
        assert_eq!(
            shown("('é' ~ x.y) | default(z.w, true)")[1..],
            ["'é' ~ x.y", "'é'", "x.y", "x", "z.w", "z", "true"]
        );
        assert_eq!(shown("a if b.c else d[1:e]")[..4], ["a if b.c else d[1:e]", "b.c", "b", "a"]);
        assert_eq!(shown("a.b is defined and 1 < x.y < 3")[1..3], ["a.b is defined", "a.b"]);
        assert_eq!(shown("f({'k': v.w}, n=1)")[1..], ["f", "{'k': v.w}", "'k'", "v.w", "v", "1"]);
        assert_eq!(shown("x is not none")[0], "x is not none");
    }

    #[test]
    fn what_cannot_be_read_is_pointed_at() {
        for (source, blamed) in
            [("a and b)", ")"), ("a ! b", "!"), ("a == 'b' && c", "&"), ("a b", "b"), ("'é' ? x", "?"), ("", "")]
        {
            let (_, range) = parse_with_extent(source).expect_err(source);
            assert_eq!(&source[range], blamed, "{source}");
        }
    }
}
