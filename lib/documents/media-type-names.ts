/** Media types by the ending of a file's name: those that are text, those that are read otherwise, those that hold no text. */

/** Text that counts as it lies there. Source code has a type of its own language, so that a corpus can be told apart by it. */
export const TEXT_TYPES = `
text/plain: txt text log readme license copying changes changelog news authors todo asc
text/markdown: md markdown mdown mkd mdx rmd qmd
text/x-rst: rst
text/asciidoc: adoc asciidoc
text/x-org: org
text/x-tex: tex ltx latex sty cls bib
text/troff: man 1 2 3 4 5 6 7 8 ms me roff
text/vtt: vtt
text/x-subrip: srt
text/calendar: ics
text/vcard: vcf
text/x-patch: patch diff
text/x-gettext: po pot
application/json: json json5 jsonc geojson topojson ipynb map webmanifest har avsc
application/xml: xml xsd xsl xslt rss atom wsdl plist resx csproj vbproj fsproj props targets dtd rdf owl kml gpx xlf xliff opml docbook pom
image/svg+xml: svg
application/yaml: yaml yml
application/toml: toml
text/x-ini: ini cfg conf config properties env editorconfig desktop service
text/css: css
text/x-scss: scss sass less styl
text/javascript: js mjs cjs jsx es6
text/x-typescript: ts mts cts tsx
text/x-vue: vue svelte astro
text/x-python: py pyi pyw pyx pxd
text/x-ruby: rb rake gemspec erb
text/x-php: php phtml php3 php4 php5
text/x-perl: pl pm pod t
text/x-java: java
text/x-kotlin: kt kts
text/x-scala: scala sc sbt
text/x-groovy: groovy gradle
text/x-clojure: clj cljs cljc edn
text/x-c: c h
text/x-c++: cc cpp cxx c++ hh hpp hxx h++ ipp inl tcc
text/x-objective-c: m mm
text/x-csharp: cs csx cshtml razor
text/x-fsharp: fs fsi fsx
text/x-visual-basic: vb vbs bas
text/x-go: go
text/x-rust: rs
text/x-swift: swift
text/x-dart: dart
text/x-zig: zig
text/x-nim: nim
text/x-d: d di
text/x-haskell: hs lhs
text/x-ocaml: ml mli
text/x-elm: elm
text/x-erlang: erl hrl
text/x-elixir: ex exs heex
text/x-lua: lua
text/x-r: r
text/x-julia: jl
text/x-fortran: f f77 f90 f95 f03 for
text/x-cobol: cob cbl cpy
text/x-pascal: pas pp dpr
text/x-ada: adb ads
text/x-lisp: lisp lsp cl el scm ss rkt
text/x-prolog: pro prolog
text/x-tcl: tcl
text/x-assembly: asm s
text/x-verilog: v vh sv svh
text/x-vhdl: vhd vhdl
text/x-cuda: cu cuh
text/x-opencl: opencl
text/x-glsl: glsl vert frag hlsl wgsl
text/x-solidity: sol
text/x-abap: abap
text/x-sql: sql ddl dml psql
text/x-graphql: graphql gql
text/x-protobuf: proto thrift
text/x-shellscript: sh bash zsh fish ksh csh
text/x-powershell: ps1 psm1 psd1
text/x-batch: bat cmd
text/x-awk: awk
text/x-vim: vim
text/x-makefile: mk mak am ac m4
text/x-cmake: cmake
text/x-dockerfile: dockerfile
text/x-terraform: tf tfvars hcl
text/x-nix: nix
text/x-bazel: bzl bazel star
text/x-template: j2 jinja jinja2 tmpl tpl mustache hbs handlebars ejs pug liquid
text/x-lock: lock sum
`;

/** Text that is taken out, and containers. The word is the format. */
export const READ_TYPES = `
html text/html: html htm xhtml shtml
pdf application/pdf: pdf
docx application/vnd.openxmlformats-officedocument.wordprocessingml.document: docx docm dotx dotm
pptx application/vnd.openxmlformats-officedocument.presentationml.presentation: pptx pptm ppsx ppsm potx
xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: xlsx xlsm xltx
mail message/rfc822: eml
csv text/csv: csv
csv text/tab-separated-values: tsv tab
json_lines application/x-ndjson: jsonl ndjson jsonlines
parquet application/vnd.apache.parquet: parquet
zip application/zip: zip
gzip application/gzip: gz tgz
zstd application/zstd: zst
`;

/** What holds no text for a model, and what holds one that is not read. */
export const OTHER_TYPES = `
image/png: png apng
image/jpeg: jpg jpeg jpe
image/gif: gif
image/webp: webp
image/avif: avif
image/heic: heic heif
image/bmp: bmp
image/tiff: tif tiff
image/x-icon: ico cur
image/vnd.adobe.photoshop: psd
audio/mpeg: mp3
audio/wav: wav
audio/flac: flac
audio/ogg: ogg oga opus
audio/mp4: m4a aac
video/mp4: mp4 m4v
video/quicktime: mov
video/webm: webm
video/x-matroska: mkv
video/x-msvideo: avi
font/ttf: ttf
font/otf: otf eot
font/woff: woff
font/woff2: woff2
application/wasm: wasm
application/java-vm: class
application/x-python-bytecode: pyc pyo
application/x-executable: exe dll so dylib o a lib obj
application/vnd.sqlite3: sqlite sqlite3
application/x-numpy: npy npz
application/x-pickle: pkl pickle
`;

/** Documents whose format is not read: told apart from what holds no text. */
export const UNREAD_TYPES = `
application/msword: doc dot
application/vnd.ms-excel: xls xlsb
application/vnd.ms-powerpoint: ppt pps
application/vnd.ms-outlook: msg
application/rtf: rtf
application/vnd.oasis.opendocument.text: odt
application/vnd.oasis.opendocument.spreadsheet: ods
application/vnd.oasis.opendocument.presentation: odp
application/epub+zip: epub
application/postscript: ps eps
application/x-mobipocket-ebook: mobi azw
image/vnd.djvu: djvu
application/mbox: mbox
application/x-tar: tar
application/x-bzip2: bz2 tbz2
application/x-xz: xz txz
application/x-7z-compressed: 7z
application/vnd.rar: rar
application/vnd.apache.avro: avro
application/vnd.apache.orc: orc
application/vnd.apache.arrow.file: arrow feather
`;
