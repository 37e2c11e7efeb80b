#include "CXxhash.h"
