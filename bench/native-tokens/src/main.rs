//! The ceiling of bench/count-tokens.ts: the `tiktoken` crate, native, on the corpora that bench leaves below .cache. As there: documents of 4,000
//! characters, half of them as warm-up, bytes for each second of CPU on the others.
//!
//!   cargo run --release --manifest-path bench/native-tokens/Cargo.toml --target-dir .cache/native-tokens -- .cache/token-corpora/*.txt

const CHARACTERS_A_DOCUMENT: usize = 4_000;

fn cpu_seconds() -> f64 {
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage fills the whole struct, and all zeros are a valid one
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

fn main() {
    let encoding = tiktoken::get_encoding("o200k_base").expect("the crate has this encoding");
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let characters: Vec<char> = String::from_utf8_lossy(&bytes).chars().collect();
        let documents: Vec<String> = characters
            .chunks(CHARACTERS_A_DOCUMENT)
            .map(|chunk| chunk.iter().collect())
            .collect();
        let (warm, fresh) = documents.split_at(documents.len() / 2);
        let mut tokens: usize = warm.iter().map(|text| encoding.count(text)).sum();
        let start = cpu_seconds();
        tokens += fresh.iter().map(|text| encoding.count(text)).sum::<usize>();
        let measured: usize = fresh.iter().map(String::len).sum();
        println!(
            "{path}: {:.1} MB for each CPU second, {tokens} tokens in all",
            measured as f64 / 1e6 / (cpu_seconds() - start)
        );
    }
}
