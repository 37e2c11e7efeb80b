// libyaml, as one importable header.
#pragma once
#include <yaml.h>
