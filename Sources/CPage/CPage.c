#include "CPage.h"

// The page lies in the binary byte for byte. The compiler notes the parts as what this file depends on.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char opening[] = {
#embed "Parts/opening.html"
};

static const unsigned char style[] = {
#embed "Parts/style.css"
    ,
#embed "Parts/charts.css"
};

// In the order in which they lean on each other.
static const unsigned char script[] = {
#embed "Parts/text.js"
    ,
#embed "Parts/nodes.js"
    ,
#embed "Parts/series.js"
    ,
#embed "Parts/chart.js"
    ,
#embed "Parts/rooms.js"
    ,
#embed "Parts/panels.js"
    ,
#embed "Parts/tables.js"
    ,
#embed "Parts/theme.js"
    ,
#embed "Parts/live.js"
};

static const unsigned char body[] = {
#embed "Parts/body.html"
};

page_part page_opening(void) { return (page_part){opening, sizeof opening}; }
page_part page_style(void) { return (page_part){style, sizeof style}; }
page_part page_script(void) { return (page_part){script, sizeof script}; }
page_part page_body(void) { return (page_part){body, sizeof body}; }
