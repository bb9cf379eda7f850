//! Products of matrices and vectors of whole numbers, by the widest registers that the machine has. Whatever it has, the
//! sums are the same.

use wide::{i16x8, i32x4};

/// Rows that are multiplied together, so that the input is read once for all.
const AT_ONCE: usize = 4;

/// Adds to each sum the product of its row and the input. `N` is a multiple of sixteen, the number of rows of four.
#[inline]
pub(super) fn add<const N: usize>(rows: &[[i16; N]], input: &[i16; N], sums: &mut [i32]) {
    const { assert!(N.is_multiple_of(16)) };
    #[cfg(target_arch = "x86_64")]
    if let Some(v3) = x86::V3.as_ref() {
        return v3.vectorize(x86::Add { v3: *v3, rows, input, sums });
    }
    narrow(rows, input, sums);
}

/// The same with registers that every machine has.
fn narrow<const N: usize>(rows: &[[i16; N]], input: &[i16; N], sums: &mut [i32]) {
    for (sums, rows) in sums.as_chunks_mut::<AT_ONCE>().0.iter_mut().zip(rows.as_chunks::<AT_ONCE>().0) {
        let mut wide = [i32x4::ZERO; AT_ONCE];
        let [a, b, c, d] = rows.each_ref().map(|row| row.as_chunks::<8>().0.iter());
        for ((((input, a), b), c), d) in input.as_chunks::<8>().0.iter().zip(a).zip(b).zip(c).zip(d) {
            let input = i16x8::new(*input);
            for (sum, weights) in wide.iter_mut().zip([a, b, c, d]) {
                *sum += i16x8::new(*weights).dot(input);
            }
        }
        sums.iter_mut().zip(wide).for_each(|(sum, wide)| *sum += wide.reduce_add());
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::sync::LazyLock;

    use super::AT_ONCE;

    /// What the machine has, if it has AVX2.
    pub(super) static V3: LazyLock<Option<pulp::x86::V3>> = LazyLock::new(pulp::x86::V3::try_new);

    pub(super) struct Add<'a, const N: usize> {
        pub(super) v3: pulp::x86::V3,
        pub(super) rows: &'a [[i16; N]],
        pub(super) input: &'a [i16; N],
        pub(super) sums: &'a mut [i32],
    }

    impl<const N: usize> pulp::NullaryFnOnce for Add<'_, N> {
        type Output = ();

        #[expect(clippy::inline_always, reason = "what is not inlined here is not built for these registers")]
        #[inline(always)]
        fn call(self) {
            let (avx, avx2) = (self.v3.avx, self.v3.avx2);
            let input = self.input.as_chunks::<16>().0;
            let groups = self.sums.as_chunks_mut::<AT_ONCE>().0.iter_mut();
            for (sums, rows) in groups.zip(self.rows.as_chunks::<AT_ONCE>().0) {
                let mut wide = [avx._mm256_setzero_si256(); AT_ONCE];
                let [a, b, c, d] = rows.each_ref().map(|row| row.as_chunks::<16>().0.iter());
                for ((((input, a), b), c), d) in input.iter().zip(a).zip(b).zip(c).zip(d) {
                    let input = pulp::cast(*input);
                    for (sum, weights) in wide.iter_mut().zip([a, b, c, d]) {
                        let products = avx2._mm256_madd_epi16(pulp::cast(*weights), input);
                        *sum = avx2._mm256_add_epi32(*sum, products);
                    }
                }
                for (sum, wide) in sums.iter_mut().zip(wide) {
                    let wide: [i32; 8] = pulp::cast(wide);
                    *sum += wide.iter().sum::<i32>();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_machine_gives_the_same() {
        let row = |n: i32| -> [i16; 48] {
            std::array::from_fn(|at| {
                i16::try_from((n * 977 + 13 * i32::try_from(at).unwrap()) % 4095 - 2047).unwrap()
            })
        };
        let rows: Vec<[i16; 48]> = (0..8).map(row).collect();
        let input: [i16; 48] = std::array::from_fn(|at| i16::try_from(at).unwrap() * 40 - 900);
        let (mut one, mut other) = ([7; 8], [7; 8]);
        add(&rows, &input, &mut one);
        narrow(&rows, &input, &mut other);
        let plain = rows
            .iter()
            .map(|row| 7 + row.iter().zip(&input).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum::<i32>());
        assert_eq!((one, other.to_vec()), (other, plain.collect()));
    }
}
