//! Ids of ATT&CK (Enterprise) and D3FEND techniques.

use super::Lint;

/// Parent techniques of ATT&CK for Enterprise by number (attack.mitre.org, versions up to 17).
const TECHNIQUES: &[u16] = &[
    1001, 1003, 1005, 1006, 1007, 1008, 1010, 1011, 1012, 1014, 1016, 1018, 1020, 1021, 1025, 1027, 1029, 1030, 1033,
    1036, 1037, 1039, 1040, 1041, 1046, 1047, 1048, 1049, 1052, 1053, 1055, 1056, 1057, 1059, 1068, 1069, 1070, 1071,
    1072, 1074, 1078, 1080, 1082, 1083, 1087, 1090, 1091, 1092, 1095, 1098, 1102, 1104, 1105, 1106, 1110, 1111, 1112,
    1113, 1114, 1115, 1119, 1120, 1123, 1124, 1125, 1127, 1129, 1132, 1133, 1134, 1135, 1136, 1137, 1140, 1176, 1185,
    1187, 1189, 1190, 1195, 1197, 1199, 1200, 1201, 1202, 1203, 1204, 1205, 1207, 1210, 1211, 1212, 1213, 1216, 1217,
    1218, 1219, 1220, 1221, 1222, 1480, 1482, 1484, 1485, 1486, 1489, 1490, 1491, 1495, 1496, 1497, 1498, 1499, 1505,
    1518, 1525, 1526, 1528, 1529, 1530, 1531, 1534, 1535, 1537, 1538, 1539, 1542, 1543, 1546, 1547, 1548, 1550, 1552,
    1553, 1554, 1555, 1556, 1557, 1558, 1559, 1560, 1561, 1562, 1563, 1564, 1565, 1566, 1567, 1568, 1569, 1570, 1571,
    1572, 1573, 1574, 1578, 1580, 1583, 1584, 1585, 1586, 1587, 1588, 1589, 1590, 1591, 1592, 1593, 1594, 1595, 1596,
    1597, 1598, 1599, 1600, 1601, 1602, 1606, 1608, 1609, 1610, 1611, 1612, 1613, 1614, 1615, 1619, 1620, 1621, 1622,
    1647, 1648, 1649, 1650, 1651, 1652, 1653, 1654, 1656, 1657, 1659, 1665, 1666,
];
/// Numbers that newer versions give out; nothing is said about them.
const NEWER: std::ops::RangeInclusive<u16> = 1667..=1720;
/// No technique has more sub-techniques than this.
const MOST_PARTS: u16 = 30;

impl Lint<'_> {
    pub(super) fn techniques(&mut self) {
        let root = self.nodes.root();
        for (key, ids) in [("attack", &self.pb.attack), ("d3fend", &self.pb.d3fend)] {
            for (n, id) in ids.iter().enumerate() {
                let problem = if key == "attack" { attack(id) } else { d3fend(id) };
                if let Some((message, help)) = problem {
                    let mark = self.here(root.get(key).and_then(|l| l.item(n)), root.at);
                    self.sink.warn("NB1803", mark, message, help);
                }
            }
        }
    }
}

fn attack(id: &str) -> Option<(String, String)> {
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    let (parent, part) = id.split_once('.').map_or((id, None), |(p, s)| (p, Some(s)));
    let formed = parent.strip_prefix('T').is_some_and(|n| digits(n, 4)) && part.is_none_or(|p| digits(p, 3));
    if !formed {
        let all: String = id.chars().filter(char::is_ascii_digit).collect();
        let help = match all.len() {
            4 => format!("did you mean `T{all}`?"),
            7 => format!("did you mean `T{}.{}`?", all.get(..4).unwrap_or_default(), all.get(4..).unwrap_or_default()),
            _ => "write it like T1566 or T1566.001".to_owned(),
        };
        return Some((format!("`{id}` is not the id of an ATT&CK technique"), help));
    }
    let number: u16 = parent.get(1..)?.parse().ok()?;
    if TECHNIQUES.binary_search(&number).is_err() && !NEWER.contains(&number) {
        let help = "look it up at attack.mitre.org; a withdrawn technique names its successor there".to_owned();
        return Some((format!("`{parent}` is not a known ATT&CK technique"), help));
    }
    let part: u16 = part.map_or(Some(1), |p| p.parse().ok())?;
    let fits = (1..=MOST_PARTS).contains(&part);
    let message = || format!("`{id}`: `{parent}` has no such sub-technique");
    (!fits).then(|| (message(), "sub-techniques begin with .001".to_owned()))
}

fn d3fend(id: &str) -> Option<(String, String)> {
    let name = id.strip_prefix("D3-").unwrap_or_default();
    let formed = (2..=8).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let help = || format!("write it like D3-MFA{}", if id.starts_with("d3") { ", in capital letters" } else { "" });
    (!formed).then(|| (format!("`{id}` is not the id of a D3FEND technique"), help()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_near_misses() {
        assert!(TECHNIQUES.windows(2).all(|p| p[0] < p[1]));
        for good in ["T1566", "T1566.002", "T1078.004", "T1486", "T1672", "T1621"] {
            assert_eq!(attack(good), None, "{good}");
        }
        for (bad, help) in [
            ("T1566-001", "did you mean `T1566.001`?"),
            ("1566", "did you mean `T1566`?"),
            ("T1566.1", "write it like T1566 or T1566.001"),
            ("t1566", "did you mean `T1566`?"),
            ("", "write it like T1566 or T1566.001"),
            ("T1566.000", "sub-techniques begin with .001"),
            ("T1566.099", "sub-techniques begin with .001"),
        ] {
            assert_eq!(attack(bad).expect(bad).1, help, "{bad}");
        }
        for unknown in ["T9999", "T1002", "T1567890"] {
            assert!(attack(unknown).is_some(), "{unknown}");
        }
        for good in ["D3-ER", "D3-MFA", "D3-ANET"] {
            assert_eq!(d3fend(good), None, "{good}");
        }
        for bad in ["D3-", "d3-mfa", "D3MFA", "D3-mfa", "T1566"] {
            assert!(d3fend(bad).is_some(), "{bad}");
        }
    }
}
