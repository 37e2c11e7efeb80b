"""Curves over a logarithmic axis as SVG, in the style of lmcache-bench's pictures."""
import html
import math

# As in Sources/Bench/Pictures/Palette.swift.
BACKGROUND, FRAME, GRID, INK, FAINT = "#ffffff", "#d9dce1", "#e8eaed", "#1f2328", "#5c6470"
COLORS = ["#0072b2", "#d55e00", "#00855f", "#a8518a"]
SHAPES = ["M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z", "M-3.5,-3.5H3.5V3.5H-3.5Z", "M0,-5L4.8,3.6H-4.8Z", "M0,-5L5,0L0,5L-5,0Z"]
FONTS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
WIDTH, HEIGHT = 720, 430
LEFT, RIGHT, TOP, BOTTOM = 76, 520, 112, 352
LABEL_APART = 16


def text(words, x, y, size=12, color=FAINT, weight=400, anchor="start"):
    words = html.escape(words)
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{color}">{words}</text>'


def segment(x1, y1, x2, y2, color, width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" stroke-width="{width}"/>'


def step(most):
    """Between two ticks, so that there are four to eight."""
    power = 10 ** math.floor(math.log10(most))
    return next(power * part for part in (0.1, 0.2, 0.5, 1, 2) if most / (power * part) <= 6)


def apart(places, distance):
    """The same places in the same order, moved up until none is nearer to the next than `distance`; of equal ones the first on top."""
    moved, above = list(places), math.inf
    for index in sorted(range(len(places)), key=lambda index: (-places[index], -index)):
        moved[index] = min(places[index], above - distance)
        above = moved[index]
    return moved


def axes(xs, top, tick, place_x, place_y):
    lines = []
    for number in range(round(top / tick) + 1):
        value = number * tick
        lines.append(segment(LEFT, place_y(value), RIGHT, place_y(value), GRID))
        lines.append(text(f"{value * 100:.10g} %", LEFT - 8, place_y(value) + 4, anchor="end"))
    for x in xs:
        lines.append(segment(place_x(x), TOP, place_x(x), BOTTOM, GRID))
        lines.append(text(f"{x:,}", place_x(x), BOTTOM + 18, anchor="middle"))
    return lines + [
        segment(LEFT, BOTTOM, RIGHT, BOTTOM, FAINT),
        text("room: blocks that fit", (LEFT + RIGHT) / 2, BOTTOM + 38, 12.5, anchor="middle")]


def curves(title, subtitle, footer, lines):
    """`lines` are pairs of a label and its points, of which x is a room and y a share."""
    xs = sorted({x for _, points in lines for x, _ in points})
    most = max((y for _, points in lines for _, y in points), default=0) or 0.01
    tick = step(most)
    top = math.ceil(most / tick - 1e-9) * tick
    low, span = math.log(xs[0]), math.log(xs[-1] / xs[0]) or 1

    def place_x(x):
        return LEFT + 14 + (RIGHT - LEFT - 28) * (math.log(x) - low) / span

    def place_y(y):
        return BOTTOM - (BOTTOM - TOP) * y / top

    svg = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="{html.escape(FONTS)}" role="img" aria-label="{html.escape(title)}">',
        f"<title>{html.escape(title)}</title>",
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8" fill="{BACKGROUND}" stroke="{FRAME}"/>',
        text(title, 28, 36, 20, INK, 600), text(subtitle, 28, 59, 13.5),
        text("found from the front of a prompt on without a gap", 28, 92, 12.5)]
    svg += axes(xs, top, tick, place_x, place_y)
    labels = apart([place_y(points[-1][1]) for _, points in lines], LABEL_APART)
    # The first line is the one to look for: it is drawn last, on top.
    for index, (label, points) in reversed(list(enumerate(lines))):
        color = COLORS[index % len(COLORS)]
        places = [(place_x(x), place_y(y)) for x, y in points]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        svg.append(f'<polyline points="{joined}" fill="none" stroke="{color}" stroke-width="2.2" stroke-linejoin="round"/>')
        for x, y in places:
            shape = SHAPES[index % len(SHAPES)]
            svg.append(f'<path d="{shape}" transform="translate({x:.1f} {y:.1f})" fill="{color}" stroke="{BACKGROUND}"/>')
        svg.append(segment(places[-1][0] + 6, places[-1][1], RIGHT + 10, labels[index], color, 0.8))
        svg.append(text(label, RIGHT + 14, labels[index] + 4, 12.5, color, 400 if index else 600))
    return "\n".join(svg + [text(footer, 28, HEIGHT - 16, 11), "</svg>"]) + "\n"
