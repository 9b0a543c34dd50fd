"""The pages about roads, for everybody: all routes, one route with its past, the map.

- The pages: state_page, route_page, map_page.
- What is drawn on them: strip, history, drawing, map_days.
"""
