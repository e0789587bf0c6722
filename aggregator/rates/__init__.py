"""How often do they fail?"""
