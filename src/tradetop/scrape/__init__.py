"""Scraping: a page over HTTP becomes samples; health endpoints are asked, and every fault has its words."""
