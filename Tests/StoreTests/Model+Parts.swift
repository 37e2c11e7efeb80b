import Base

@testable import Store

/// What is stored, what arrives, what is read, as the model knows it.
extension Model {
  struct Value {
    var version: Int
    var length: Int
    var meta: ObjectMeta?
    var promisedThrough: UInt64 = 0
    var firstAsked: UInt64?
  }

  final class Arrival {
    private var reservation: Reservation?
    let key: String
    let value: Value
    init(reservation: consuming Reservation, key: String, value: Value) {
      self.reservation = consume reservation
      self.key = key
      self.value = value
    }

    func take() -> Reservation { reservation.take()! }

    func use<Result>(_ body: (inout Reservation) -> Result) -> Result {
      var taken = take()
      let result = body(&taken)
      reservation = consume taken
      return result
    }
  }

  final class Reader {
    private var pin: Pin?
    let version: Int
    let bytes: Int
    init(pin: consuming Pin, version: Int) {
      bytes = pin.length + 2 * Limits.pageBytes
      self.pin = consume pin
      self.version = version
    }

    func isExact(from part: Double) -> Bool {
      let taken = pin.take()!
      let isExact =
        taken.holds(version: version, from: Int(Double(taken.length) * part)) && taken.holds(version: version)
      pin = consume taken
      return isExact
    }
  }
}
