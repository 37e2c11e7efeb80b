import Base
Limits.check()
