// Interfaces of Linux that the Glibc module leaves out.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
