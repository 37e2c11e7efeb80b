extension Vault {
  func checkInvariants() {}
}
