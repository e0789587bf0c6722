"""What arrived, and is it new?"""
