/// What the benchmark does to each target.
enum Command: String, CaseIterable {
  case get, put, fill, exist
  case existBeside = "exist-beside"
}
