use crate::ui::probe;
use auth_runtime::{Acl, acl, acl_required};

const LIST: Acl = acl![
    (Allow, Group("a"), ["a"]),
    (Allow, Group("b"), ["b"]),
    (Allow, Group("c"), ["c"]),
    (Allow, Group("d"), ["d"]),
];

macro_rules! table {
    ($($name:ident: $permission:expr => $meaning:expr;)*) => {
        $(
            #[acl_required($permission, LIST)]
            async fn $name() {}
        )*

        pub(crate) fn main() {
            for world in 0..16_u8 {
                let groups = ["a", "b", "c", "d"].into_iter().enumerate();
                let groups: Vec<_> = groups.filter(|(bit, _)| world & (1 << bit) != 0).map(|(_, g)| g).collect();
                let [a, b, c, d] = ["a", "b", "c", "d"].map(|group| groups.contains(&group));
                $(
                    let meaning: fn(bool, bool, bool, bool) -> bool = $meaning;
                    let expected = if meaning(a, b, c, d) { 200 } else { 403 };
                    assert_eq!(probe::member(groups.clone(), $name), expected, "{} {groups:?}", stringify!($name));
                )*
            }
        }
    };
}

table! {
    one: "a" => |a, _, _, _| a;
    any: any("a", "b", "c") => |a, b, c, _| a || b || c;
    all: all("a", "b", "c") => |a, b, c, _| a && b && c;
    any_of_all: any(all("a", "b"), all("c", "d")) => |a, b, c, d| a && b || c && d;
    all_of_any: all(any("a", "b"), any("c", "d")) => |a, b, c, d| (a || b) && (c || d);
    deep: any("a", all("b", any("c", all("d", "a")))) => |a, b, c, _| a || b && c;
    repeated: all(any("a", "b"), any("b", "a")) => |a, b, _, _| a || b;
}
